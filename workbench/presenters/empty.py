"""What a page says when it has nothing to show, or when the store cannot be read."""

from dataclasses import dataclass

from backend.domain.errors import NotFoundError, StoreTooNewError, WorkbenchError


@dataclass(frozen=True, kw_only=True)
class EmptyState:
    """`command` is what to type in a shell, if anything."""

    title: str
    sentence: str
    command: str | None = None
    icon: str = ":material/inbox:"


NOTHING_STORED = EmptyState(
    title="No runs are stored yet",
    sentence=(
        "Import a folder of Redshift view exports (sys_query_history and, where you have them, "
        "sys_query_text, sys_query_detail, sys_query_explain and svv_table_info)."
    ),
    command="workbench import FOLDER",
)
NO_MATCH = EmptyState(
    title="No pattern matches these filters",
    sentence="Widen the time range or take a filter off.",
    icon=":material/filter_alt_off:",
)
NO_QUERY_CHOSEN = EmptyState(
    title="No query is chosen",
    sentence="Pick one from the list of slow queries, or open a link that names one.",
    icon=":material/ads_click:",
)
NO_ADVICE_STORED = EmptyState(
    title="No recommendations yet",
    sentence="They appear once patterns are reviewed. Review the costliest ones from a shell:",
    command="workbench review --top 25",
)
NO_ADVICE_MATCH = EmptyState(
    title="No recommendation matches these filters",
    sentence="Take a filter off to see more.",
    icon=":material/filter_alt_off:",
)
NO_TABLES = EmptyState(
    title="No tables yet",
    sentence=(
        "What patterns do with tables is read off their reviews. Review the costliest ones from a "
        "shell; it weighs their tables afterwards:"
    ),
    command="workbench review --top 25",
    icon=":material/table_chart:",
)
NO_TABLE_MATCH = EmptyState(
    title="No table matches these filters",
    sentence="Take a filter off to see more.",
    icon=":material/filter_alt_off:",
)
NO_TABLE_CHOSEN = EmptyState(
    title="No table is chosen",
    sentence="Pick one from the list of tables, or open a link that names one.",
    icon=":material/ads_click:",
)
NOT_WEIGHED = EmptyState(
    title="Not weighed yet",
    sentence="A design is proposed once all tables have been weighed together:",
    command="workbench review",
    icon=":material/balance:",
)
NO_REVIEW = EmptyState(
    title="Not reviewed yet",
    sentence=(
        "Use Review now to build the case file, run the checks and ask the reviewers. It goes on "
        "in the background; this page shows how far it is."
    ),
    icon=":material/rate_review:",
)
REVIEW_UNDER_WAY = EmptyState(
    title="The first review is under way",
    sentence="Its advice stands here as soon as it is saved.",
    icon=":material/pending:",
)
NO_WORKLOAD_REVIEW = EmptyState(
    title="The workload is not reviewed yet",
    sentence=(
        "A review looks across all patterns: who made others wait, loads, Serverless, tables and "
        "views that nobody reads. It is made with those of the patterns, from a shell:"
    ),
    command="workbench review",
    icon=":material/lan:",
)
NO_PLAN = EmptyState(
    title="No plan was recorded",
    sentence=(
        "Redshift keeps plans in SYS_QUERY_EXPLAIN. Add sys_query_explain to the export, import "
        "it again and review again."
    ),
    icon=":material/account_tree:",
)
NO_RUNS = EmptyState(
    title="No runs in this time range",
    sentence="Choose a longer time range above.",
    icon=":material/event_busy:",
)
NO_TREND = EmptyState(
    title="Nothing in this time range",
    sentence="Choose a longer time range above.",
    icon=":material/event_busy:",
)
STORE_UNAVAILABLE = EmptyState(
    title="The history store cannot be read",
    sentence="Nothing is lost by this. Find out what is wrong from a shell, then reload the page:",
    command="workbench doctor",
    icon=":material/cloud_off:",
)
STORE_TOO_NEW = EmptyState(
    title="The history store is newer than this workbench",
    sentence="A newer version has written to it. Upgrade the workbench, then reload the page.",
    icon=":material/upgrade:",
)
NOT_STORED = EmptyState(
    title="This is not stored (any more)",
    sentence="The link may be old, or the history was replaced by an import.",
    icon=":material/link_off:",
)


def error_state(error: WorkbenchError) -> EmptyState:
    """The class decides; the error's own text may name paths and stays off the screen."""
    if isinstance(error, StoreTooNewError):
        return STORE_TOO_NEW
    return NOT_STORED if isinstance(error, NotFoundError) else STORE_UNAVAILABLE


def unexpected_state(reference: str) -> EmptyState:
    """`reference` stands in the log of the pages, beside the place of the error."""
    return EmptyState(
        title="Something went wrong on this page",
        sentence=(
            "Nothing is lost by this. Reload the page. If it happens again, look for this "
            f"reference in the log of the pages: {reference}"
        ),
        icon=":material/error:",
    )
