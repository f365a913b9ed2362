"""Sentences out of parts, and titles that fit their line."""

LONGEST_TITLE = 70


def sentence(text: str) -> str:
    """With a capital letter and a full stop; a name at the start is left as it is."""
    text = text.strip()
    if not text:
        return ""
    first_word = text.split(maxsplit=1)[0]
    if first_word.isalpha() and first_word.islower():
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def paragraph(*sentences: str) -> str:
    return " ".join(sentence(part) for part in sentences if part.strip())


def titled(*texts: str) -> str:
    """The first text that fits a title, else as much of the last one as does."""
    fitting = next((text for text in texts if 0 < len(text) <= LONGEST_TITLE), None)
    return fitting or texts[-1][: LONGEST_TITLE - 1].rstrip() + "…"
