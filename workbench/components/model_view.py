"""What a model saw of a pattern, word for word; drawn as text and never as anything else."""

import streamlit as st

from backend.domain.review import Review
from backend.domain.visible_text import visible
from workbench import session
from workbench.presenters.model_view import (
    PREVIEW_CAPTION,
    PREVIEW_LABEL,
    SentCard,
    model_screen,
    preview_card,
    reviewer_names,
)
from workbench.presenters.wording import plain

TEXT_HEIGHT = 420


def draw_model_view(review: Review) -> None:
    engines = [response.engine for response in review.agent_responses]
    screen = model_screen(session.receipts(review), engines)
    if screen.sentence:
        st.text(visible(screen.sentence))
    for card in screen.cards:
        with st.container(border=True):
            st.markdown(f"**{plain(card.reviewer)}**")
            _draw_card(card)
    if not screen.cards:
        _draw_preview(review)


def _draw_preview(review: Review) -> None:
    if review.case_file is None:
        return
    opened = st.expander(PREVIEW_LABEL, key="model.preview", on_change="rerun")
    # Working it out takes a moment, so only for who looks.
    if not opened.open:
        return
    with opened:
        st.caption(PREVIEW_CAPTION)
        names = reviewer_names()
        chosen = st.segmented_control(
            "Reviewer",
            list(names),
            default=next(iter(names)),
            required=True,
            format_func=lambda name: plain(names[name]),
            key="model.reviewer",
            label_visibility="collapsed",
        )
        preview = session.model_preview(review, chosen)
        if preview is not None:
            _draw_card(preview_card(preview))


def _draw_card(card: SentCard) -> None:
    if card.is_withheld:
        st.warning(plain(card.lines[0]), icon=":material/block:")
    else:
        st.text(visible(card.lines[0]))
    for line in card.lines[1:]:
        st.caption(plain(line))
    for place, part in enumerate(card.parts):
        with st.expander(plain(part.label), expanded=place == 0, type="compact"):
            st.code(
                visible(part.text),
                language=None,
                wrap_lines=True,
                height=TEXT_HEIGHT if len(part.text) > 2_000 else "content",
            )
