"""A pattern of a warehouse with an attacker's texts in it, as an import would keep it."""

from dataclasses import replace

from backend.domain.evidence import (
    AdvisorRow,
    Column,
    PlanEvidence,
    PlannerAlert,
    Segment,
    Step,
    StepsEvidence,
    Table,
)
from backend.domain.lake import LakeEvidence, LakeScan
from backend.domain.pattern import Pattern
from backend.domain.plan import Condition, Plan, PlanNode
from backend.services.ports import HistoryStore, PatternRuns
from backend.sql.literal_marks import marks_of
from backend.sql.model_form_of import model_form_of
from backend.sql.plan_text import parse_plan_text
from backend.sql.scrub import mask_text, scrub
from tests.builders import A_MOMENT, a_hash, a_pattern, some_evidence, some_runs
from tests.injection.corpus import Payload, Place
from tests.unit.panel.cases import JOIN_PLAN, order_lines, orders

ATTACKED, OTHER = a_hash(1), a_hash(2)


def keep_warehouse(store: HistoryStore, payload: Payload | None, key: bytes) -> None:
    """With no payload, the same warehouse without an attacker."""
    at = _texts(payload).get
    label = at(Place.LABEL) or "nightly"
    user = at(Place.USER) or "ana"
    runs = some_runs(12, elapsed_seconds=400.0, user=user, label=mask_text(label))
    store.add_runs([PatternRuns(pattern=_pattern(payload, key), runs=runs)], source="test")
    other = some_runs(5, elapsed_seconds=9.0, first_query_id=500)
    store.add_runs([PatternRuns(pattern=a_pattern(OTHER), runs=other)], source="test")
    store.put_tables(_tables(payload))
    store.put_evidence(
        [
            some_evidence(
                ATTACKED,
                plan=PlanEvidence(query_id=1, plan=_plan(payload), started_at=A_MOMENT),
                steps=_steps(payload),
                alerts=_alerts(payload),
                lake=_lake(payload),
            )
        ]
    )
    if ddl := at(Place.ADVISOR_DDL):
        store.put_advisor_rows(
            [
                AdvisorRow(
                    kind="sortkey",
                    database_name="shop",
                    table_id=1,
                    group_id=1,
                    ddl=mask_text(f"ALTER TABLE sales.orders ALTER SORTKEY ({ddl})"),
                    is_auto_eligible=False,
                    table_name="sales.orders",
                )
            ]
        )


def raw_statement(payload: Payload | None) -> str:
    """As the attacker ran it."""
    at = _texts(payload).get
    comment = at(Place.SQL_COMMENT) or "as every night"
    literal = (at(Place.STRING_LITERAL) or "shoes").replace("'", "''").replace("\\", "\\\\")
    alias = _quoted(at(Place.ALIAS) or "turnover")
    column = _quoted(at(Place.COLUMN_NAME) or "note")
    joined = ""
    if name := at(Place.TABLE_NAME):
        joined = f"JOIN sales.{_quoted(name)} AS attacked ON attacked.order_id = o.order_id\n"
    elif schema := at(Place.SCHEMA_NAME):
        joined = f"JOIN {_quoted(schema)}.stock AS attacked ON attacked.order_id = o.order_id\n"
    return (
        f"/* {comment} */ SELECT o.shop_id, SUM(l.amount) AS {alias} -- {_one_line(comment)}\n"
        "FROM sales.orders AS o\n"
        "JOIN sales.order_lines AS l ON o.order_id = l.order_id\n"
        f"{joined}WHERE o.{column} = '{literal}' GROUP BY o.shop_id"
    )


def _pattern(payload: Payload | None, key: bytes) -> Pattern:
    raw = raw_statement(payload)
    scrubbed = scrub(raw)
    return a_pattern(
        ATTACKED,
        scrubbed_sql=scrubbed.text,
        withheld_reason=scrubbed.withheld_reason,
        table_names=("sales.orders", "sales.order_lines"),
        model_form=model_form_of(raw),
        literal_marks=marks_of(raw, key) or frozenset(),
    )


def _tables(payload: Payload | None) -> list[Table]:
    at = _texts(payload).get
    own = orders()
    if column := at(Place.COLUMN_NAME):
        own = replace(own, columns=(*own.columns, Column(name=column, data_type="varchar(80)")))
    tables = [own, order_lines()]
    if name := at(Place.TABLE_NAME):
        tables.append(replace(own, table_name=name))
    if schema := at(Place.SCHEMA_NAME):
        tables.append(replace(own, schema_name=schema, table_name="stock"))
    return tables


def _plan(payload: Payload | None) -> Plan:
    plan = parse_plan_text(JOIN_PLAN)
    [root] = plan.roots
    condition = _texts(payload).get(Place.PLAN_CONDITION)
    if condition:
        # Without quotes around it, which would make it a value to be masked.
        text = mask_text(f"(note = {condition})")
        root = _with_condition(root, Condition(name="Filter", text=text))
    notice = _texts(payload).get(Place.NOTICE)
    return replace(plan, roots=(root,), notices=(mask_text(notice),) if notice else ())


def _with_condition(node: PlanNode, condition: Condition) -> PlanNode:
    return replace(node, conditions=(*node.conditions, condition))


def _steps(payload: Payload | None) -> StepsEvidence:
    names = ["sales.orders", "sales.order_lines"]
    if name := _texts(payload).get(Place.TABLE_NAME):
        names.append(f"sales.{name}")
    if schema := _texts(payload).get(Place.SCHEMA_NAME):
        names.append(f"{schema}.stock")
    moved = [
        _step(number, "distribute", None, rows=90_000_000)
        for number in range(len(names), len(names) + 2)
    ]
    scanned = [_step(number, "scan", name, rows=200_000_000) for number, name in enumerate(names)]
    return StepsEvidence(
        query_id=1,
        elapsed_seconds=400.0,
        segments=tuple(
            Segment(
                child_query_sequence=1,
                stream_id=1,
                segment_id=number,
                duration_seconds=90.0,
                spilled_local_blocks=4_000,
            )
            for number in range(len(names) + len(moved))
        ),
        steps=(*scanned, *moved),
        started_at=A_MOMENT,
    )


def _step(segment: int, step_name: str, table_name: str | None, *, rows: int) -> Step:
    return Step(
        child_query_sequence=1,
        segment_id=segment,
        step_id=1,
        step_name=step_name,
        table_name=table_name,
        segment_seconds=90.0,
        input_rows=rows,
        output_rows=90_000_000,
        data_skewness=80,
    )


def _alerts(payload: Payload | None) -> tuple[PlannerAlert, ...]:
    text = _texts(payload).get(Place.ALERT)
    if not text:
        return ()
    return (PlannerAlert(query_id=1, event=mask_text(text), solution=mask_text(text)),)


def _lake(payload: Payload | None) -> LakeEvidence | None:
    text = _texts(payload).get(Place.ERROR_MESSAGE)
    if not text:
        return None
    scan = LakeScan(table_name="lake.clicks", scanned_files=3, warning=mask_text(text))
    return LakeEvidence(query_id=1, elapsed_seconds=9.0, scans=(scan,))


def _texts(payload: Payload | None) -> dict[Place, str]:
    return dict(payload.placed) if payload else {}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _one_line(text: str) -> str:
    return " ".join(text.split())
