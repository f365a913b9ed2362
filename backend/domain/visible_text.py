"""Text from outside, without what steers a terminal, a browser or a reader's eye unseen."""

import re

# Colours and cursor moves (CSI), titles and links (OSC, DCS …) up to their end, other escapes.
# What never ends is not taken for a sequence for long: nothing may hide the rest of a statement.
_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,16}[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]{0,500}(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]{0,4}[0-~]?"
)
# Controls, lone surrogates, line separators, and all that Unicode lets a renderer leave invisible
# or that turns the direction of writing (Default_Ignorable_Code_Point and Bidi_Control), with the
# tag characters and variation selectors that smuggle text, and the blank Braille pattern.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """The letters that can be seen; lines and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEN.sub("", _ESCAPE_SEQUENCE.sub("", text))
