"""An error that nobody foresaw, on the page: a sentence and a reference, nothing of its own text."""

from backend.unexpected import log_unexpected
from workbench.components.empty_state import draw_empty_state
from workbench.presenters.empty import unexpected_state


def show(error: Exception) -> bool:
    """True: Streamlit need not show it."""
    draw_empty_state(unexpected_state(log_unexpected(error)))
    return True
