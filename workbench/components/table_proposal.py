"""What is proposed for one table, drawn: the decision first, then who gains and who loses."""

import streamlit as st

from backend.domain.visible_text import visible
from workbench import session
from workbench.components.advice_card import draw_badges
from workbench.components.frames import cleaned
from workbench.presenters.table_screen import DecisionCard, ProposalScreen, RivalLine
from workbench.presenters.wording import plain


def draw_proposal(screen: ProposalScreen) -> None:
    for card in screen.cards:
        with st.container(border=True):
            _draw_card(card)
    if screen.cautions:
        with st.container(border=True):
            st.markdown("**Before you change it**")
            for caution in screen.cautions:
                st.text(visible(f"• {caution}"))
    with st.expander(plain(screen.assumptions_label)):
        for assumption in screen.assumptions:
            st.text(visible(f"• {assumption}"))


def _draw_card(card: DecisionCard) -> None:
    st.markdown(f"**{plain(card.title)}**")
    draw_badges(card.badges)
    st.text(visible(card.reason))
    if card.action_sql:
        st.code(visible(card.action_sql), language="sql", wrap_lines=True)
    if card.chart_label:
        st.text(visible(card.chart_label))
    if card.chart:
        st.vega_lite_chart(
            cleaned(card.chart.points), card.chart.spec, alt=card.chart.alt, width="stretch"
        )
    if len(card.effects):
        _draw_effects(card)
    if card.rivals:
        _draw_rivals(card.rivals)
    if card.advisor:
        st.markdown("**Redshift's Advisor**")
        st.text(visible(card.advisor))
    _draw_rest(card)


def _draw_effects(card: DecisionCard) -> None:
    column = st.column_config
    key = f"table.effects.{card.key}"
    if card.effects_label:
        st.caption(plain(card.effects_label))
    st.dataframe(
        cleaned(card.effects),
        hide_index=True,
        height="content",
        alt="What the design would do to each pattern, the largest saving first",
        column_config={
            "effect": column.TextColumn("A week", width=84, alignment="right"),
            "dollars": column.TextColumn(
                "Dollars a week",
                width=100,
                alignment="right",
                help="The part of the pattern's cluster time, by the configured prices.",
            ),
            "pattern": column.ButtonColumn(
                "Pattern",
                width=300,
                help="Opens the query. From the keyboard: arrow keys, then Shift+Space.",
                type="tertiary",
                alignment="left",
                key=key,
                on_click=session.open_clicked_advice,
                args=(key, card.query_hashes),
            ),
            "why": column.TextColumn("Why", width=480),
            "basis": column.TextColumn(
                "Basis", width=84, help="A loss is always an estimate: it has not happened yet."
            ),
            "facts": column.TextColumn(
                "Facts", width=110, help="In the case file of the pattern's newest review."
            ),
        },
    )


def _draw_rivals(rivals: tuple[RivalLine, ...]) -> None:
    st.markdown("**Open recommendations of single patterns**")
    for rival in rivals:
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            st.badge(plain(rival.badge.text), color=rival.badge.colour)  # type: ignore[arg-type]
            st.page_link(
                session.page("recommendations"),
                label=plain(rival.title),
                query_params=session.recommendation_link(rival.recommendation_id),
            )
        st.text(visible(rival.sentence))


def _draw_rest(card: DecisionCard) -> None:
    if card.look_first_sql:
        with st.expander("Count the new key's values first", type="compact"):
            st.code(visible(card.look_first_sql), language="sql", wrap_lines=True)
    if len(card.alternatives) or card.refused:
        with st.expander("Other designs that were weighed", type="compact"):
            if len(card.alternatives):
                st.dataframe(
                    cleaned(card.alternatives),
                    hide_index=True,
                    height="content",
                    alt="Other designs with what they would save and cost a week",
                    column_config={
                        "design": st.column_config.TextColumn("Design", width=240),
                        "net": st.column_config.TextColumn("Net a week", alignment="right"),
                        "saves": st.column_config.TextColumn("Would save", alignment="right"),
                        "costs": st.column_config.TextColumn("Would cost", alignment="right"),
                    },
                )
            for refused in card.refused:
                st.text(visible(f"Not weighed: {refused}."))
