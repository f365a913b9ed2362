"""Text from outside, made fit for a terminal."""

from backend.domain.visible_text import visible


def plain(text: str) -> str:
    """Without escape sequences, control and invisible characters; lines and tabs stay."""
    return visible(text)


def one_line(text: str, *, width: int | None = None) -> str:
    """Plain, on one line, cut to `width` letters with an ellipsis."""
    flat = " ".join(plain(text).split())
    if width is None or len(flat) <= width:
        return flat
    return flat[: width - 1].rstrip() + "…"
