"""Options that several verbs share, and what they mean to the services."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace, _ActionsContainer
from datetime import date
from enum import StrEnum

from backend.domain.errors import UnknownPatternError, UnknownTableError, UnusableInputError
from backend.domain.finding import Severity
from backend.domain.pattern import PatternFilter
from backend.domain.recommendation import RecommendationFilter, ReviewerName, TriageState
from backend.domain.table_proposal import TableFilterBy
from backend.domain.time_buckets import Bucket
from backend.services.ports import HistoryStore, TableBook

PATTERNS_A_PAGE = 100
TABLES_A_PAGE = 200


def add_days(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--from",
        dest="first_day",
        type=day,
        metavar="DAY",
        help="first day that counts, UTC, as 2026-11-01",
    )
    parser.add_argument(
        "--to", dest="last_day", type=day, metavar="DAY", help="last day that counts"
    )


def add_pattern_filter(parser: ArgumentParser) -> None:
    add_days(parser)
    parser.add_argument(
        "--database",
        action="append",
        default=[],
        metavar="NAME",
        help="only runs in this database; may be repeated",
    )
    parser.add_argument(
        "--user",
        action="append",
        default=[],
        metavar="NAME",
        help="only runs of this user; may be repeated",
    )


def chosen_days(arguments: Namespace) -> tuple[date | None, date | None]:
    first_day, last_day = arguments.first_day, arguments.last_day
    if first_day and last_day and first_day > last_day:
        raise UnusableInputError(f"--from {first_day} is later than --to {last_day}.")
    return first_day, last_day


def pattern_filter(arguments: Namespace) -> PatternFilter:
    first_day, last_day = chosen_days(arguments)
    return PatternFilter(
        first_day=first_day,
        last_day=last_day,
        databases=tuple(arguments.database),
        users=tuple(arguments.user),
    )


def add_recommendation_filter(parser: ArgumentParser) -> None:
    _add_choice(parser, "--severity", Severity)
    _add_choice(parser, "--reviewer", ReviewerName)
    _add_choice(parser, "--state", TriageState)
    _add_choice(parser, "--bucket", Bucket)
    parser.add_argument("--query-hash", metavar="H", help="only advice on this pattern")
    parser.add_argument(
        "--current",
        action="store_true",
        help="only advice that the newest review of its pattern still gives",
    )


def recommendation_filter(arguments: Namespace, store: HistoryStore) -> RecommendationFilter:
    """Raises as `whole_hash` does."""
    asked = arguments.query_hash
    return RecommendationFilter(
        query_hash=None if asked is None else whole_hash(asked, store),
        severities=tuple(map(Severity, arguments.severity)),
        reviewers=tuple(map(ReviewerName, arguments.reviewer)),
        states=tuple(map(TriageState, arguments.state)),
        buckets=tuple(map(Bucket, arguments.bucket)),
        is_still_raised=True if arguments.current else None,
    )


def whole_hash(text: str, store: HistoryStore) -> str:
    """The query hash that `text` is, or is the beginning of.

    Raises UnknownPatternError, or UnusableInputError if several begin so.
    """
    try:
        return store.pattern(text).query_hash
    except UnknownPatternError:
        found = _hashes_that_begin_with(text, store)
    if not found:
        raise UnknownPatternError(text or '""')
    if len(found) > 1:
        raise UnusableInputError(f"Several patterns begin with {text}; give more of the hash.")
    return found[0]


def _hashes_that_begin_with(text: str, store: HistoryStore) -> list[str]:
    """Two will do to say that it is not one. The text filter finds other things too."""
    found: list[str] = []
    wanted, offset = PatternFilter(text=text), 0
    while text and len(found) < 2:
        rows = store.rank_patterns(wanted, limit=PATTERNS_A_PAGE, offset=offset).rows
        if not rows:
            break
        found += [row.pattern.query_hash for row in rows if row.pattern.query_hash.startswith(text)]
        offset += len(rows)
    return found


def whole_table(text: str, store: TableBook) -> str:
    """The key of the table that `text` names: `orders`, `retail.orders` or with its database.

    Raises UnknownTableError, or UnusableInputError if several tables are called so.
    """
    wanted = [part.strip('" ') for part in text.casefold().split(".")]
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = store.used_tables(TableFilterBy(text=wanted[-1]), limit=TABLES_A_PAGE, cursor=cursor)
        found += [
            used.table_name
            for used in page.items
            if used.table_name.split(".")[-len(wanted) :] == wanted
        ]
        cursor = page.next_cursor
        if cursor is None:
            break
    if not found:
        raise UnknownTableError
    if len(found) > 1:
        raise UnusableInputError(f"Several tables are called {text}: {', '.join(found)}.")
    return found[0]


def add_top(parser: _ActionsContainer, *, default: int | None, meaning: str) -> None:
    parser.add_argument("--top", type=positive_count, default=default, metavar="N", help=meaning)


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a day; write it as 2026-11-01") from None


def positive_count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def _add_choice(parser: ArgumentParser, option: str, kind: type[StrEnum]) -> None:
    parser.add_argument(
        option,
        action="append",
        default=[],
        choices=[word.value for word in kind],
        help="may be repeated",
    )
