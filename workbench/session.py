"""What the pages remember: the open workbench, cached reads, the chosen query, page links.

The only module that touches session state, query parameters and caches. Reads are cached for a
few seconds only, because other processes write to the same store; a write from a page clears
them at once.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from backend import wiring
from backend.domain.errors import (
    NotFoundError,
    StoreUnavailableError,
    TriageConflictError,
    UnusableInputError,
)
from backend.domain.money import Prices
from backend.domain.page import Page
from backend.domain.pattern import KnownNames, PatternFilter, RankedPattern, RankedPatterns
from backend.domain.recommendation import (
    DailyCount,
    RecommendationFilter,
    ReviewerName,
    TriagedRecommendation,
    TriageState,
)
from backend.domain.review import Review
from backend.domain.review_job import ReviewJob
from backend.domain.runs import Runs
from backend.domain.table_proposal import TableFilterBy, TablesReview, UsedTable
from backend.domain.table_use import TableUse
from backend.domain.workload import WorkloadReview
from workbench.presenters.headline import headlines
from workbench.presenters.source import DataSource, data_source

if TYPE_CHECKING:
    from backend.domain.receipt import OutboundReceipt
    from backend.services.outbound_view import OutboundPreview
    from backend.services.review_jobs import ReviewWorker

FRESH_SECONDS = 20
REVIEWED_DAYS_KNOWN = 400
WORKER_NAME = "pages"
WHO = "analyst"
QUERY = "query"
RANGE = "range"
DAYS = "days"
RANGE_OF_QUERY = "within"
DAYS_OF_QUERY = "within_days"
"""Names of their own: Streamlit lets no page pass on a parameter that a widget of it holds."""
RECOMMENDATION = "recommendation"
TABLE = "table"
_PAGES = "session.pages"
_LIST_LINK = "session.list_link"
_TABLES_LINK = "session.tables_link"
_NOTICE = "session.notice"

Link = dict[str, list[str]]
"""Query parameters: a name may come several times."""

# The open workbench


@st.cache_resource(show_spinner="Opening the history …")
def workbench() -> wiring.Workbench:
    return wiring.open_workbench()


@st.cache_resource(show_spinner=False, on_release=lambda worker: worker.stop())
def _worker() -> "ReviewWorker":
    """Started once a process, when the first review is asked for or seen waiting."""
    worker = wiring.review_worker(workbench(), WORKER_NAME)
    worker.start()
    return worker


def prices() -> Prices | None:
    """None where none are configured: then pages show time only."""
    return workbench().prices


# Cached reads


@st.cache_data(ttl=FRESH_SECONDS, max_entries=1, show_spinner=False)
def known_names() -> KnownNames:
    return workbench().store.known_names()


@st.cache_data(ttl=FRESH_SECONDS, max_entries=1, show_spinner=False)
def source() -> DataSource:
    store = workbench().store
    return data_source(
        store.note("origin"),
        store.note("last_import"),
        known_names(),
        store.review_count(),
        import_began=store.note("import_under_way"),
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=64, show_spinner=False)
def ranked_patterns(wanted: PatternFilter, limit: int, offset: int) -> RankedPatterns:
    return workbench().store.rank_patterns(wanted, limit=limit, offset=offset)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=64, show_spinner=False)
def ranked_pattern(query_hash: str, wanted: PatternFilter) -> RankedPattern:
    return workbench().store.ranked_pattern(query_hash, wanted)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=8, show_spinner=False)
def runs_of(query_hash: str, first_day: date | None, last_day: date | None) -> Runs:
    return workbench().store.runs_of(query_hash, first_day, last_day)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=16, show_spinner=False)
def daily_seconds(wanted: PatternFilter) -> Mapping[date, float]:
    return workbench().store.daily_seconds(wanted)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=16, show_spinner=False)
def daily_counts(first_day: date | None, last_day: date | None) -> Sequence[DailyCount]:
    return workbench().store.daily_counts(first_day, last_day)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=16, show_spinner=False)
def reviewed_days(first_day: date | None, last_day: date | None) -> Sequence[date]:
    """Days that saw a review, newest first: one look at the newest review before each."""
    end = None if last_day is None else datetime.combine(last_day, time.max, UTC)
    days: list[date] = []
    while len(days) < REVIEWED_DAYS_KNOWN:
        found = workbench().store.reviews_between(None, end, limit=1).items
        day = found[0].analysis_timestamp.date() if found else None
        if day is None or (first_day is not None and day < first_day):
            break
        days.append(day)
        end = datetime.combine(day, time.min, UTC)
    return days


@st.cache_data(ttl=FRESH_SECONDS, max_entries=32, show_spinner=False)
def statement_names(query_hashes: tuple[str, ...]) -> Mapping[str, str]:
    """How each pattern is called in a table; one that is not stored goes by its hash."""
    patterns = []
    for query_hash in dict.fromkeys(query_hashes):
        with suppress(NotFoundError):
            patterns.append(workbench().store.pattern(query_hash))
    names = zip(patterns, headlines(patterns), strict=True)
    return dict.fromkeys(query_hashes, "") | {one.query_hash: name for one, name in names}


@st.cache_data(ttl=FRESH_SECONDS, max_entries=32, show_spinner=False)
def recommendation_count(wanted: RecommendationFilter) -> int:
    return workbench().store.recommendation_count(wanted)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=64, show_spinner=False)
def recommendation_page(
    wanted: RecommendationFilter, limit: int, number: int
) -> Page[TriagedRecommendation]:
    """Page `number` counts from 1. The store pages by cursor: earlier pages are walked (cached)."""
    cursor = None
    if number > 1:
        cursor = recommendation_page(wanted, limit, number - 1).next_cursor
        if cursor is None:
            return Page(items=())
    return workbench().store.recommendations(wanted, limit=limit, cursor=cursor)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=1, show_spinner=False)
def tables_review() -> TablesReview | None:
    return workbench().store.tables_review()


@st.cache_data(ttl=FRESH_SECONDS, max_entries=32, show_spinner=False)
def used_table_count(wanted: TableFilterBy) -> int:
    return workbench().store.used_table_count(wanted)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=64, show_spinner=False)
def used_table_page(wanted: TableFilterBy, limit: int, number: int) -> Page[UsedTable]:
    """Page `number` counts from 1; earlier pages are walked (cached), as the store has cursors."""
    cursor = None
    if number > 1:
        cursor = used_table_page(wanted, limit, number - 1).next_cursor
        if cursor is None:
            return Page(items=())
    return workbench().store.used_tables(wanted, limit=limit, cursor=cursor)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=32, show_spinner=False)
def used_table(table_name: str) -> UsedTable:
    return workbench().store.used_table(table_name)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=16, show_spinner=False)
def table_uses(table_name: str, limit: int) -> Sequence[TableUse]:
    """The heaviest."""
    return workbench().store.table_uses_of(table_name, limit=limit).items


@st.cache_data(ttl=FRESH_SECONDS, max_entries=1, show_spinner=False)
def latest_workload_review() -> WorkloadReview | None:
    return workbench().store.latest_workload_review()


def forget_reads() -> None:
    """What a review or a decision changes is read anew; the runs themselves stay cached."""
    for read in (ranked_patterns, ranked_pattern, daily_counts, recommendation_count):
        read.clear()
    recommendation_page.clear()
    reviewed_days.clear()
    source.clear()
    for table_read in (tables_review, used_table_count, used_table_page, used_table, table_uses):
        table_read.clear()


# Reads that must be fresh


def latest_review(query_hash: str) -> Review | None:
    return workbench().store.latest_review(query_hash)


def review_at(query_hash: str, analysis_timestamp: datetime) -> Review:
    return workbench().store.review(query_hash, analysis_timestamp)


@st.cache_data(max_entries=64, show_spinner=False)
def formatted_sql(scrubbed_sql: str) -> str:
    """Cached without an end: the same text always formats the same way."""
    from backend.sql.format_sql import format_sql  # noqa: PLC0415 - the list page needs no parser

    return format_sql(scrubbed_sql)


def originals_of(query_hash: str, scrubbed_sql: str | None) -> Callable[[str], str | None] | None:
    """What puts the original values back into a rewrite; None where they are not kept, or not
    certain. Read anew each time, for no cache is to hold them."""
    bench = workbench()
    if scrubbed_sql is None or not bench.settings.storage.raw_text_days:
        return None
    from backend.services.original_values import (  # noqa: PLC0415 - the parser is seldom needed
        original_values,
        with_originals,
    )

    try:
        values = original_values(
            query_hash, scrubbed_sql, raw_texts=bench.raw_texts, now=bench.clock()
        )
    except StoreUnavailableError:
        # The page is of use without them.
        return None
    return partial(with_originals, values=values) if values else None


def receipts(review: Review) -> "Sequence[OutboundReceipt]":
    return wiring.outbound_view(workbench()).receipts(review)


def model_preview(review: Review, reviewer: str) -> "OutboundPreview | None":
    """What the reviewer of that name would be sent now."""
    return wiring.outbound_view(workbench()).preview(review, ReviewerName(reviewer))


def earlier_reviews(query_hash: str) -> Sequence[Review]:
    return workbench().store.reviews_of(query_hash, limit=20).items


def advice_on(query_hash: str) -> Sequence[TriagedRecommendation]:
    wanted = RecommendationFilter(query_hash=query_hash)
    return workbench().store.recommendations(wanted, limit=200).items


def recommendation(recommendation_id: str) -> TriagedRecommendation:
    return workbench().store.recommendation(recommendation_id)


def latest_job(query_hash: str) -> ReviewJob | None:
    """The newest job of the pattern. One that waits finds a worker here, also after a restart."""
    job = workbench().store.latest_job(query_hash)
    if job is not None and job.is_active:
        _worker()
    return job


def has_active_review(query_hash: str) -> bool:
    job = latest_job(query_hash)
    return job is not None and job.is_active


def recommendations_csv(wanted: RecommendationFilter) -> bytes:
    """The whole file, UTF-8."""
    from backend.services.export_recommendations import recommendations_csv as csv  # noqa: PLC0415

    return "".join(csv(workbench().store, wanted)).encode("utf-8", "backslashreplace")


# Writes


def request_review(query_hash: str) -> None:
    from backend.services.review_jobs import request_review as request  # noqa: PLC0415

    bench = workbench()
    request(query_hash, store=bench.store, clock=bench.clock)
    _worker().wake()


def triage(
    recommendation_id: str, expected_version: int, state_key: str, why_key: str, until_key: str
) -> None:
    """A button's callback: reads the form's widgets and keeps a notice for the next drawing."""
    from backend.services.triage_recommendation import triage_recommendation  # noqa: PLC0415

    to_state = TriageState(st.session_state[state_key])
    bench = workbench()
    try:
        triage_recommendation(
            recommendation_id,
            to_state,
            store=bench.store,
            who=WHO,
            why=str(st.session_state.get(why_key) or ""),
            expected_version=expected_version,
            clock=bench.clock,
            snoozed_until=(
                st.session_state.get(until_key) if to_state is TriageState.SNOOZED else None
            ),
        )
    except (TriageConflictError, UnusableInputError) as error:
        st.session_state[_NOTICE] = (False, error.message)
    else:
        st.session_state[_NOTICE] = (True, to_state.value)
    forget_reads()


def take_notice() -> tuple[bool, str] | None:
    """What the last decision came to, told once: (done, state) or (refused, why)."""
    notice: tuple[bool, str] | None = st.session_state.pop(_NOTICE, None)
    return notice


def now() -> datetime:
    return workbench().clock()


# Links between pages


def remember_pages(pages: Mapping[str, st.Page]) -> None:
    """Page objects carry a flag of the run that made them, so each run brings its own."""
    st.session_state[_PAGES] = pages


def page(name: str) -> st.Page:
    found: st.Page = st.session_state[_PAGES][name]
    return found


def page_number(key: str, page_count: int) -> int:
    """What the pagination `key` says, before it is drawn; 1 where it says nothing usable."""
    said = st.session_state.get(key, st.query_params.get(key, "1"))
    number = int(said) if str(said).isdecimal() else 1
    return min(max(number, 1), max(page_count, 1))


def selected_query() -> str | None:
    return st.query_params.get(QUERY) or None


def selected_recommendation() -> str | None:
    return st.query_params.get(RECOMMENDATION) or None


def select_recommendation(recommendation_id: str | None) -> None:
    if recommendation_id is None:
        st.query_params.pop(RECOMMENDATION, None)
    else:
        st.query_params[RECOMMENDATION] = recommendation_id


def select_clicked(click_key: str, recommendation_ids: Sequence[str]) -> None:
    """A table's callback: the click tells the row, the table on screen its ids."""
    select_recommendation(recommendation_ids[st.session_state[click_key].row])


def select_picked(pick_key: str, recommendation_ids: Sequence[str]) -> None:
    """A table's callback for its picked row; letting go of the row closes the recommendation."""
    rows = st.session_state[pick_key].selection.rows
    select_recommendation(recommendation_ids[rows[0]] if rows else None)


def query_link(query_hash: str) -> Link:
    """Query parameters of a pattern's page; the time range goes along."""
    known = _parameters()
    own_names = {RANGE: RANGE_OF_QUERY, DAYS: DAYS_OF_QUERY}
    passed_on = {own_names[name]: known[name] for name in own_names if name in known}
    return {QUERY: [query_hash]} | passed_on


def recommendation_link(recommendation_id: str) -> dict[str, str]:
    return {RECOMMENDATION: recommendation_id}


def open_query(query_hash: str) -> None:
    """Goes to the pattern's page; the list's filters are kept for the way back."""
    st.session_state[_LIST_LINK] = _parameters()
    st.switch_page(page("query"), query_params=query_link(query_hash))


def open_clicked(click_key: str, query_hashes: Sequence[str]) -> None:
    """A table's callback: the click tells the row, the table on screen its hashes."""
    open_query(query_hashes[st.session_state[click_key].row])


def open_clicked_advice(click_key: str, query_hashes: Sequence[str]) -> None:
    """As `open_clicked`, from a list that is no list of queries."""
    query_hash = query_hashes[st.session_state[click_key].row]
    st.switch_page(page("query"), query_params=query_link(query_hash))


def selected_table() -> str | None:
    return st.query_params.get(TABLE) or None


def table_link(table_name: str) -> Link:
    """Query parameters of a table's page."""
    return {TABLE: [table_name]}


def open_table(table_name: str) -> None:
    """Goes to the table's page; the list's filters are kept for the way back."""
    st.session_state[_TABLES_LINK] = _parameters()
    st.switch_page(page("table"), query_params=table_link(table_name))


def open_clicked_table(click_key: str, table_names: Sequence[str]) -> None:
    """A table's callback: the click tells the row, the table on screen its names."""
    open_table(table_names[st.session_state[click_key].row])


def tables_link() -> Link:
    link: Link = st.session_state.get(_TABLES_LINK, {})
    return {name: values for name, values in link.items() if name != TABLE}


def list_link() -> Link:
    link: Link = st.session_state.get(_LIST_LINK, {})
    return {name: values for name, values in link.items() if name != QUERY}


def _parameters() -> Link:
    return {name: st.query_params.get_all(name) for name in st.query_params}
