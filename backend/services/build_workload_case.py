"""Puts together all that is known of the whole workload over a window, each fact with its id.

Reads the hours and the daily sheets of the window, every pattern's head once, and stored runs of
the worst hours only.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from backend.checks.workload.unread_tables import UNREAD_MB
from backend.checks.workload.waiting import hours_by_queue, pressed_hours
from backend.domain.case_file import MissingEvidence
from backend.domain.cluster_use import HourUse, ServerlessHour
from backend.domain.pattern import PatternFilter, RankedPattern
from backend.domain.threshold import DEFAULT_LIMITS, Limits
from backend.domain.workload import (
    VICTIMS_AT_MOST,
    BlamedWaitingFact,
    BlameFact,
    HourFact,
    LockBlameFact,
    QueueFact,
    QueueUseFact,
    RunawayFact,
    ServerlessFact,
    Victim,
    WindowFact,
    WorkloadCase,
)
from backend.services.build_case_file import DEFAULT_WINDOW_DAYS
from backend.services.ports import HistoryStore, PatternHead
from backend.services.wait_blame import Blame, BlameBook, worst_hours
from backend.services.workload_tables import table_uses
from backend.sql.statement_head import written_table

MOST_HOURS = 6
"""Of each kind, the worst that are kept as facts."""

MOST_RUNAWAYS = 5
PATTERNS_RANKED = 200
"""By total time: a run that ran away is among them."""

STATEMENT_LENGTH = 60
KINDS_OF_HOUR: tuple[Callable[[HourUse], float], ...] = (
    lambda use: use.queue_seconds,
    lambda use: use.scaled_seconds,
    lambda use: float(use.copy_runs),
    lambda use: float(use.small_inserts),
    lambda use: float(use.spilling_runs),
)

NextId = Callable[[], str]


def build_workload_case(
    *,
    store: HistoryStore,
    now: datetime,
    first_day: date | None = None,
    last_day: date | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> WorkloadCase:
    """The same store and arguments give the same case; by default the 28 days up to the newest."""
    known = store.known_names()
    last_day = last_day or known.last_day or now.astimezone(UTC).date()
    first_day = first_day or last_day - timedelta(days=DEFAULT_WINDOW_DAYS - 1)
    hours = tuple(store.hours(first_day, last_day))
    serverless_hours = tuple(store.serverless_hours(first_day, last_day))
    heads = list(store.pattern_heads())
    wanted = PatternFilter(first_day=first_day, last_day=last_day)
    rows = store.rank_patterns(wanted, limit=PATTERNS_RANKED)
    next_id = map("W{}".format, count(1)).__next__
    history_days = (last_day - known.first_day).days + 1 if known.first_day else 0
    window = WindowFact(
        fact_id=next_id(),
        history_days=history_days,
        patterns=rows.pattern_count,
        runs=sum(use.runs for use in hours) or rows.total_runs,
        elapsed_seconds=sum(use.elapsed_seconds for use in hours) or rows.total_elapsed_seconds,
        queue_seconds=sum(use.queue_seconds for use in hours),
        lock_wait_seconds=sum(use.lock_wait_seconds for use in hours),
        hours=len({use.hour for use in hours}),
    )
    bare = WorkloadCase(
        built_at=now,
        window_start=datetime.combine(first_day, time(), UTC),
        window_end=datetime.combine(last_day + timedelta(days=1), time(), UTC),
        window=window,
        hours=hours,
        limits=limits,
    )
    blame = _blame(bare, store, heads)
    queue_facts = tuple(QueueFact(fact_id=next_id(), queue=queue) for queue in store.queues())
    queue_uses = tuple(_queue_uses(bare, next_id))
    hour_facts = tuple(_worst_hours(bare, next_id))
    waiting = _blamed_waiting(blame, next_id)
    blamed = tuple(_blame_facts(blame, heads, store, next_id))
    lock_blamed = tuple(_lock_blame_facts(blame, heads, next_id))
    runaways = tuple(_runaways(rows.rows, heads, next_id))
    serverless = _serverless(serverless_hours, next_id)
    tables = table_uses(
        store,
        heads,
        seconds_of=lambda query_hash: (
            store.ranked_pattern(query_hash, wanted).total_elapsed_seconds
        ),
        worth_mb=limits.of(UNREAD_MB),
        next_id=next_id,
    )
    return WorkloadCase(
        built_at=now,
        window_start=bare.window_start,
        window_end=bare.window_end,
        window=window,
        hours=hours,
        serverless_hours=serverless_hours,
        queues=queue_facts,
        queue_uses=queue_uses,
        worst_hours=hour_facts,
        blamed_waiting=waiting,
        blame=blamed,
        lock_blame=lock_blamed,
        runaways=runaways,
        serverless=serverless,
        large_tables=tables.large,
        table_uses=tables.tables,
        unresolved_names=tables.unresolved,
        views=tables.views,
        missing=tuple(_missing(hours, queue_facts, serverless_hours)),
        limits=limits,
    )


def _blame(case: WorkloadCase, store: HistoryStore, heads: Sequence[PatternHead]) -> Blame:
    queued: dict[datetime, float] = {}
    for own in hours_by_queue(case).values():
        for use in pressed_hours(case, own):
            queued[use.hour] = queued.get(use.hour, 0.0) + use.queue_seconds
    locked = {
        use.hour: use.lock_wait_seconds for use in case.hour_totals if use.lock_wait_seconds > 0
    }
    book = BlameBook(store, heads, store.pattern_queues)
    return book.blame(worst_hours(queued), worst_hours(locked))


def _queue_uses(case: WorkloadCase, next_id: NextId) -> Iterator[QueueUseFact]:
    for hours in hours_by_queue(case).values():
        worst = max(hours, key=lambda use: (use.queue_seconds, use.hour))
        total = worst
        for use in hours:
            if use is not worst:
                total = total.plus(use)
        yield QueueUseFact(
            fact_id=next_id(),
            use=total,
            hours=len(hours),
            worst_hour_queue_seconds=worst.queue_seconds,
        )


def _worst_hours(case: WorkloadCase, next_id: NextId) -> Iterator[HourFact]:
    """The worst of each kind, in order of time."""
    totals = case.hour_totals
    chosen: dict[datetime, HourUse] = {}
    for weight in KINDS_OF_HOUR:
        for use in sorted(totals, key=lambda use: (-weight(use), use.hour))[:MOST_HOURS]:
            if weight(use) > 0:
                chosen[use.hour] = use
    for hour in sorted(chosen):
        yield HourFact(fact_id=next_id(), use=chosen[hour])


def _blamed_waiting(blame: Blame, next_id: NextId) -> BlamedWaitingFact | None:
    if not blame.waited_seconds and not blame.lock_waits:
        return None
    return BlamedWaitingFact(
        fact_id=next_id(),
        hours=blame.hours,
        waited_seconds=blame.waited_seconds,
        blamed_seconds=blame.charged_seconds,
        lock_waits=blame.lock_waits,
        lock_waited_seconds=blame.lock_waited_seconds,
    )


def _blame_facts(
    blame: Blame, heads: Sequence[PatternHead], store: HistoryStore, next_id: NextId
) -> Iterator[BlameFact]:
    hashes = [heads[one.pattern].query_hash for one in blame.blamed]
    queues = store.pattern_queues(hashes)
    for one, query_hash in zip(blame.blamed, hashes, strict=True):
        queue = queues.get(query_hash)
        yield BlameFact(
            fact_id=next_id(),
            query_hash=query_hash,
            statement=statement_name(heads[one.pattern]),
            queue_name=queue.queue_name if queue else "",
            runs=blame.runs_of.get(one.pattern, 0),
            others_seconds=one.others_seconds,
            own_seconds=one.own_seconds,
            hours=one.hours,
            victims=_victims(one.victims, heads),
        )


def _lock_blame_facts(
    blame: Blame, heads: Sequence[PatternHead], next_id: NextId
) -> Iterator[LockBlameFact]:
    for table, one in blame.lock_blamed:
        yield LockBlameFact(
            fact_id=next_id(),
            query_hash=heads[one.pattern].query_hash,
            statement=statement_name(heads[one.pattern]),
            table_name=table,
            runs=one.hours,
            others_seconds=one.others_seconds,
            victims=_victims(one.victims, heads),
        )


def _victims(
    victims: Sequence[tuple[int, float]], heads: Sequence[PatternHead]
) -> tuple[Victim, ...]:
    return tuple(
        Victim(query_hash=heads[number].query_hash, seconds=seconds)
        for number, seconds in victims[:VICTIMS_AT_MOST]
        if seconds >= 1.0
    )


def statement_name(head: PatternHead) -> str:
    """A short name in words: its kind and what it is about."""
    written = written_table(head.statement)
    tables = [name for name in head.table_names if name] or ([written] if written else [])
    about = f" on {tables[0]}" if tables else ""
    more = f" and {len(tables) - 1} more" if len(tables) > 1 else ""
    text = f"{_kind(head)}{about}{more}"
    return text if len(text) <= STATEMENT_LENGTH else text[: STATEMENT_LENGTH - 1] + "…"


def _kind(head: PatternHead) -> str:
    """`ALTER TABLE` says more than `DDL`."""
    kind = head.query_type.upper()
    words = [word.upper() for word in head.statement.split()[:2] if word.isalpha()]
    return " ".join(words) if kind in {"DDL", "UTILITY", "COMMAND", "OTHER", ""} and words else kind


def _runaways(
    rows: Sequence[RankedPattern], heads: Sequence[PatternHead], next_id: NextId
) -> Iterator[RunawayFact]:
    head_of = {head.query_hash: head for head in heads}
    worst = sorted(
        rows,
        key=lambda row: (-max(row.max_elapsed_seconds, row.failed_seconds), row.pattern.query_hash),
    )
    for row in worst[:MOST_RUNAWAYS]:
        yield RunawayFact(
            fact_id=next_id(),
            query_hash=row.pattern.query_hash,
            statement=statement_name(head_of[row.pattern.query_hash]),
            runs=row.runs,
            failed_runs=row.failed_runs + row.canceled_runs,
            failed_seconds=row.failed_seconds,
            max_elapsed_seconds=row.max_elapsed_seconds,
        )


def _serverless(hours: Sequence[ServerlessHour], next_id: NextId) -> ServerlessFact | None:
    if not hours:
        return None
    minutes_of: dict[float, int] = {}
    for capacity, minutes in (pair for hour in hours for pair in hour.capacities):
        minutes_of[capacity] = minutes_of.get(capacity, 0) + minutes
    return ServerlessFact(
        fact_id=next_id(),
        hours=len(hours),
        minutes=sum(hour.minutes for hour in hours),
        charged_minutes=sum(hour.charged_minutes for hour in hours),
        compute_seconds=sum(hour.compute_seconds for hour in hours),
        charged_seconds=sum(hour.charged_seconds for hour in hours),
        p05_capacity=_quantile(minutes_of, 0.05),
        p95_capacity=_quantile(minutes_of, 0.95),
        least_capacity=min(minutes_of, default=0.0),
        most_capacity=max(minutes_of, default=0.0),
        busy_minutes=sum(minutes_of.values()),
    )


def _quantile(minutes_of: Mapping[float, int], share: float) -> float:
    """The capacity that so large a share of the minutes does not exceed."""
    left = share * sum(minutes_of.values())
    for capacity in sorted(minutes_of):
        left -= minutes_of[capacity]
        if left <= 0:
            return capacity
    return 0.0


def _missing(
    hours: Sequence[HourUse],
    queues: Sequence[QueueFact],
    serverless: Sequence[ServerlessHour],
) -> Iterator[MissingEvidence]:
    if not hours:
        yield MissingEvidence(
            what="Figures by the hour",
            why="No import of these days has counted them: older versions did not.",
            how_to_get="Import the export again, or a newer one.",
        )
    elif all(use.service_class is None for use in hours):
        yield MissingEvidence(
            what="Queues of the runs",
            why="The history has no service_class_id.",
            how_to_get="Export all columns of SYS_QUERY_HISTORY (sys_query_history.csv).",
        )
    if not queues and not serverless:
        yield MissingEvidence(
            what="Configuration of the queues",
            why="Neither the queues of a provisioned cluster nor the usage of Serverless was"
            " exported.",
            how_to_get="Export STV_WLM_SERVICE_CLASS_CONFIG and STV_WLM_QMR_CONFIG, or"
            " SYS_SERVERLESS_USAGE, as a superuser.",
        )
