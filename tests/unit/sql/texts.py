"""SQL-like texts for properties: from plain statements to noise that only looks like SQL."""

import random

from hypothesis import strategies as st

from tests.bench.corpus import filled, statements

_PIECES = st.sampled_from(
    [
        *"'\"$;:?%#@()[],.*+-/=<>\\\n\t e1x",
        *("''", '""', "$$", "$a$", "--", "/*", "*/", "E'", "x'", "\\'", "::", "%s", ":name", "$1"),
        *("select", " from ", "in (", "values (", "1.5e3", ".5", "null", "unload (", "password "),
        *("t_20210301_x", "ü", "\x00", "\ud800", "é'", "limit 5", "top 3", "and", "array[", "2"),
    ]
)
noise = st.lists(_PIECES, max_size=40).map("".join) | st.text(max_size=60)
_chances = st.integers(0, 2**32).map(random.Random)
corpus_texts = st.builds(filled, st.sampled_from(statements()), _chances)
cut_texts = st.builds(
    lambda text, share: text[: int(len(text) * share)], corpus_texts, st.floats(0, 1)
)
any_texts = noise | corpus_texts | cut_texts
