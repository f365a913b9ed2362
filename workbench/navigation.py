"""The frame around every page: title, sidebar, the list of pages, the sample banner."""

import streamlit as st
from streamlit.errors import FragmentHandledException

from backend.domain.errors import WorkbenchError
from workbench import session, unexpected
from workbench.components.empty_state import draw_empty_state
from workbench.presenters.empty import error_state
from workbench.presenters.source import Banner
from workbench.presenters.wording import plain
from workbench.views import queries, query, recommendations, table, tables, trends, workload

TITLE = "Slow-query workbench"
SIDEBAR_WIDTH = 216
# Drawn here: a Material icon would be fetched from another host for the browser's tab.
ICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>"
    "<rect x='1' y='9' width='3' height='6' fill='#8090a5'/>"
    "<rect x='6.5' y='5' width='3' height='10' fill='#3b7ddd'/>"
    "<rect x='12' y='1' width='3' height='14' fill='#e04848'/></svg>"
)


def run(first: str = "queries") -> None:
    """`first` is the page at the root address."""
    st.set_page_config(
        page_title=TITLE,
        page_icon=ICON,
        layout="wide",
        initial_sidebar_state=SIDEBAR_WIDTH,
    )
    pages = _pages(first)
    session.remember_pages(pages)
    chosen = st.navigation(list(pages.values()))
    try:
        _draw_source()
        chosen.run()
    except WorkbenchError as error:
        draw_empty_state(error_state(error))
    except FragmentHandledException:
        raise
    except Exception as error:  # noqa: BLE001 - the last one to see it
        unexpected.show(error)


def _pages(first: str) -> dict[str, st.Page]:
    return {
        "queries": st.Page(
            queries.render,
            title="Slow queries",
            icon=":material/speed:",
            url_path="queries",
            default=first == "queries",
            help="Query patterns by the cluster time that they take.",
        ),
        "query": st.Page(
            query.render,
            title="Query",
            icon=":material/database:",
            url_path="query",
            default=first == "query",
            visibility="visible" if first == "query" else "hidden",
        ),
        "tables": st.Page(
            tables.render,
            title="Tables",
            icon=":material/table_chart:",
            url_path="tables",
            default=first == "tables",
            help="Tables by the time that stands on them, and one design for each.",
        ),
        "table": st.Page(
            table.render,
            title="Table",
            icon=":material/table_chart:",
            url_path="table",
            default=first == "table",
            visibility="visible" if first == "table" else "hidden",
        ),
        "workload": st.Page(
            workload.render,
            title="Workload",
            icon=":material/lan:",
            url_path="workload",
            default=first == "workload",
            help="What only shows across all patterns: waiting, loads, the cluster.",
        ),
        "recommendations": st.Page(
            recommendations.render,
            title="Recommendations",
            icon=":material/checklist:",
            url_path="recommendations",
            default=first == "recommendations",
            help="What to change, how much it may save, and what was decided.",
        ),
        "trends": st.Page(
            trends.render,
            title="Trends",
            icon=":material/show_chart:",
            url_path="trends",
            default=first == "trends",
            help="Recommendations and slow time, day by day.",
        ),
    }


def _draw_source() -> None:
    source = session.source()
    with st.sidebar:
        st.markdown(f"**{TITLE}**")
        st.badge(plain(source.name), icon=":material/database:", color="gray")
        st.caption("  \n".join(map(plain, source.lines)))
    if source.banner:
        _draw_banner(source.banner, ":material/science:")
    if source.under_way:
        _draw_banner(source.under_way, ":material/hourglass_top:")


def _draw_banner(banner: Banner, icon: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.badge(plain(banner.badge), icon=icon, color="orange")
        st.markdown(f":small[{banner.sentence}]", width="content")
