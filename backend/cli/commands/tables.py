"""`workbench tables`: which tables the time stands on, and one design for each over all patterns."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from itertools import islice

from backend import wiring
from backend.cli.arguments import add_top, whole_table
from backend.cli.terminal import Column, Terminal
from backend.domain.in_words import (
    counted,
    dollars_in_words,
    duration_in_words,
    megabytes_in_words,
    number_in_words,
)
from backend.domain.table_design import design_words
from backend.domain.table_proposal import (
    Decision,
    Opinion,
    TableFilterBy,
    TableProposal,
    TablesReview,
    UsedTable,
)
from backend.domain.table_use import TableUse
from backend.services.ports import TableBook
from backend.services.table_records import table_record, table_use_records

SUMMARY = "list the tables by the time that stands on them, with one design for each"
EXAMPLES = """\
examples:
  workbench tables                           the 50 on which most time stands
  workbench tables --table retail.orders     who reads it, what to change, who gains and who loses
  workbench tables --json

`workbench review` makes the proposals, after it has reviewed its patterns.
"""
ROWS_IN_TABLE = 50
TABLES_A_PAGE = 200
NO_TABLES = "No table is known yet. Review some patterns with `workbench review`."
OPINION_WORDS = {
    Opinion.AGREES: "agrees",
    Opinion.DISAGREES: "disagrees",
    Opinion.SILENT: "",
    Opinion.NOT_WEIGHED: "other matter",
}
COLUMNS = (
    Column(heading="time a week", is_number=True),
    Column(heading="patterns", is_number=True),
    Column(heading="rows", is_number=True),
    Column(heading="table"),
    Column(heading="now", width=40),
    Column(heading="saves a week", is_number=True),
    Column(heading="Advisor"),
    Column(heading="proposal", width=60),
)


def add_arguments(parser: ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    add_top(
        which,
        default=None,
        meaning=f"so many at most (default: {ROWS_IN_TABLE}; with --json: all)",
    )
    which.add_argument(
        "--table", metavar="NAME", help="this table only, with all that is known of it"
    )
    parser.add_argument("--json", action="store_true", help="print a list of objects")


def execute(arguments: Namespace, terminal: Terminal) -> int:
    store = wiring.open_workbench(arguments.data_dir).store
    if arguments.table is not None:
        _one(store.used_table(whole_table(arguments.table, store)), store, arguments, terminal)
        return 0
    limit = arguments.top or (None if arguments.json else ROWS_IN_TABLE)
    tables = list(islice(_all_tables(store), limit))
    if arguments.json:
        terminal.json([table_record(used) for used in tables])
        return 0
    if not tables:
        terminal.remark(NO_TABLES)
        return 0
    terminal.table(COLUMNS, map(_cells, tables))
    review = store.tables_review()
    terminal.say()
    terminal.say(tables_summary(review) if review else "Not weighed yet: run `workbench review`.")
    return 0


def _all_tables(store: TableBook) -> Iterator[UsedTable]:
    cursor: str | None = None
    while True:
        page = store.used_tables(TableFilterBy(), limit=TABLES_A_PAGE, cursor=cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _cells(used: UsedTable) -> tuple[str, ...]:
    table, proposal = used.table, used.proposal
    return (
        duration_in_words(used.seconds_a_week),
        f"{used.patterns:,}",
        number_in_words(table.row_count) if table and table.row_count is not None else "",
        used.table_name,
        design_words(table) if table else "not in SVV_TABLE_INFO",
        _saving(proposal) if proposal and proposal.changes else "",
        OPINION_WORDS[proposal.opinion] if proposal else "",
        proposal.headline if proposal else "",
    )


def _saving(proposal: TableProposal) -> str:
    return f"{duration_in_words(proposal.net_seconds)}{_dollars(', {}', proposal.net_dollars)}"


def tables_summary(review: TablesReview) -> str:
    worth = _dollars(" ({})", review.net_dollars)
    return (
        f"{counted(review.tables, 'table')} weighed over {counted(review.patterns, 'pattern')}:"
        f" {counted(review.changes, 'change')} would save"
        f" {duration_in_words(review.net_seconds)} a week net{worth};"
        f" {counted(review.contradictions, 'recommendation')} of single patterns contradicted."
        f"{_advisor_summary(review)}"
    )


def _advisor_summary(review: TablesReview) -> str:
    if not review.agreements and not review.disagreements:
        return ""
    return (
        f" Redshift's Advisor agrees on {counted(review.agreements, 'table')} and disagrees on"
        f" {review.disagreements:,}."
    )


def _dollars(told: str, amount: float | None) -> str:
    """`told` with the amount; empty without prices, never an amount of nothing."""
    return told.format(dollars_in_words(amount)) if amount else ""


# One table


def _one(used: UsedTable, store: TableBook, arguments: Namespace, terminal: Terminal) -> None:
    uses = list(_all_uses(used.table_name, store))
    if arguments.json:
        terminal.json([{**table_record(used), "uses": table_use_records(uses)}])
        return
    table = used.table
    size = (
        megabytes_in_words(table.size_mb) if table and table.size_mb is not None else "size unknown"
    )
    rows = number_in_words(table.row_count) if table and table.row_count is not None else "?"
    terminal.say(f"{used.table_name}: {rows} rows, {size}")
    terminal.say(design_words(table) if table else "not in SVV_TABLE_INFO")
    terminal.say(
        f"{duration_in_words(used.seconds_a_week)} a week on {counted(used.patterns, 'pattern')}"
    )
    if used.proposal:
        _say_proposal(used.proposal, terminal)
    terminal.say()
    terminal.say("read and written by")
    for use in uses:
        terminal.say(f"  {duration_in_words(use.seconds_a_week):>9} a week  {use.query_hash}")


def _all_uses(table_name: str, store: TableBook) -> Iterator[TableUse]:
    cursor: str | None = None
    while True:
        page = store.table_uses_of(table_name, limit=TABLES_A_PAGE, cursor=cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _say_proposal(proposal: TableProposal, terminal: Terminal) -> None:
    for decision in proposal.decisions:
        terminal.say()
        verb = "change to" if decision.is_change else "keep"
        terminal.say(f"{decision.aspect.value.replace('_', ' ')}: {verb} {decision.proposed}")
        terminal.say(f"  {decision.reason}")
        _say_balance(decision, terminal)
        if decision.action_sql:
            terminal.say(f"  {decision.action_sql}")
        if decision.advisor:
            opinion = decision.advisor.opinion.value.replace("_", " ")
            terminal.say(f"  Advisor {opinion}: {decision.advisor.sentence}")
        for rival in decision.rivals:
            terminal.say(f"  {rival.standing.value}: “{rival.title}” ({rival.query_hash})")
            terminal.say(f"    {rival.sentence}")
    for text in (*proposal.cautions, *proposal.assumptions):
        terminal.say(f"- {text}")


def _say_balance(decision: Decision, terminal: Terminal) -> None:
    balance = decision.balance
    if balance.net_dollars and balance.prices_as_of:
        worth = dollars_in_words(balance.net_dollars)
        terminal.say(
            f"  In dollars: {worth} a week net (prices of {balance.prices_as_of.isoformat()})"
        )
    for effect in balance.effects:
        sign = "+" if effect.seconds > 0 else "-"
        estimated = "" if effect.is_measured else " (estimated)"
        terminal.say(
            f"  {sign}{duration_in_words(abs(effect.seconds)):>9}"
            f"{_dollars('  {}', effect.dollars)}  {effect.query_hash}  {effect.reason}{estimated}"
        )
