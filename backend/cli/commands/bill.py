"""`workbench bill`: who has how much of the cluster's time, and what that costs."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from backend import wiring
from backend.cli.arguments import add_days, add_top, chosen_days
from backend.cli.terminal import Column, Terminal
from backend.domain.in_words import counted, duration_in_words, megabytes_in_words, percent
from backend.services.bill import Bill, BillLine, make_bill
from backend.services.records import bill_record

SUMMARY = "share the cluster's time, and its cost, between the patterns and idle time"
EXAMPLES = """\
examples:
  workbench bill                       the 20 patterns that keep the cluster busiest
  workbench bill --from 2026-11-01 --json

While several runs work at once each is charged its part of the passing time, so that the lines
and the idle time add up to the whole. What ran on concurrency-scaling clusters and what Spectrum
scanned stand apart. Dollars need [prices] in the configuration file.
"""
TOP = 20
NOT_SHARED = "No day is shared out yet. Import runs, or run `workbench review` once."
COLUMNS = (
    Column(heading="pattern", width=34),
    Column(heading="cluster time", is_number=True),
    Column(heading="of all", is_number=True),
)
DOLLARS = Column(heading="dollars", is_number=True)


def add_arguments(parser: ArgumentParser) -> None:
    add_top(parser, default=TOP, meaning="so many patterns by name (default: %(default)s)")
    add_days(parser)
    parser.add_argument("--json", action="store_true", help="print one object")


def execute(arguments: Namespace, terminal: Terminal) -> int:
    workbench = wiring.open_workbench(arguments.data_dir)
    first_day, last_day = chosen_days(arguments)
    bill = make_bill(
        workbench.store,
        workbench.prices,
        first_day=first_day,
        last_day=last_day,
        limit=arguments.top,
    )
    if arguments.json:
        terminal.json(bill_record(bill))
    elif bill.cluster.days == 0:
        terminal.remark(NOT_SHARED)
    else:
        _print(bill, terminal)
    return 0


def _print(bill: Bill, terminal: Terminal) -> None:
    cluster = bill.cluster
    has_prices = bill.total_dollars is not None
    rows = [(_name(line), line.busy.busy_seconds, line.dollars) for line in bill.lines]
    rows.append(("idle", cluster.idle_seconds, bill.idle_dollars))
    rows.append(("all", cluster.covered_seconds, bill.total_dollars))
    whole = cluster.covered_seconds or 1.0
    terminal.table(
        (*COLUMNS, DOLLARS) if has_prices else COLUMNS,
        [
            (
                name,
                duration_in_words(seconds),
                percent(seconds / whole),
                *(("" if dollars is None else f"{dollars:,.2f}",) if has_prices else ()),
            )
            for name, seconds, dollars in rows
        ],
    )
    if apart := "\n".join(_apart(bill)):
        terminal.say(f"\n{apart}")
    prices = f", prices as of {bill.prices_as_of}" if bill.prices_as_of else ""
    terminal.say(
        f"\n{counted(cluster.days, 'day')}{prices}{_basis(bill)}. Storage is billed apart."
    )


def _apart(bill: Bill) -> Iterator[str]:
    """What is charged beside the cluster's time; the RPUs of Serverless have all of it within."""
    if bill.is_as_charged or bill.is_estimate:
        return
    cluster = bill.cluster
    if cluster.scaled_seconds > 0:
        charged = cluster.scaling_charged_seconds
        beyond = (
            f"{duration_in_words(charged)} of it beyond the free hour a"
            f" day{_sum(bill.scaling_dollars)}"
            if charged > 0
            else "which the free hour a day covers"
        )
        yield (
            f"apart: {duration_in_words(cluster.scaled_seconds)} on concurrency-scaling clusters,"
            f" {beyond}"
        )
    if cluster.lake_bytes > 0:
        yield (
            f"apart: {megabytes_in_words(cluster.lake_bytes / 1e6)} scanned in the data lake, as"
            f" far as the imported exports tell{_sum(bill.lake_dollars)}"
        )


def _sum(dollars: float | None) -> str:
    return "" if dollars is None else f": {dollars:,.2f} dollars"


def _basis(bill: Bill) -> str:
    if bill.is_as_charged:
        return ", as charged (SYS_SERVERLESS_USAGE)"
    return ", estimated by base capacity" if bill.is_estimate else ""


def _name(line: BillLine) -> str:
    return line.query_hash or f"{counted(line.pattern_count, 'other pattern')}"
