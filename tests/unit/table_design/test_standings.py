"""Recommendations of single patterns, and Redshift's Advisor, beside the design for all patterns."""

from dataclasses import replace

import pytest

from backend.domain.evidence import AdvisorRow
from backend.domain.plan import Movement
from backend.domain.recommendation import Standing, TriagedRecommendation, TriageState
from backend.domain.table_proposal import Aspect, Opinion
from backend.sql.action_sql import (
    count_by_value,
    distribute,
    distribute_by_key,
    encode_automatically,
    sort_by,
)
from backend.table_design.advised_tables import advised_tables
from backend.table_design.propose import OpenAdvice
from tests.builders import a_recommendation
from tests.unit.checks.builder import a_case
from tests.unit.table_design.builder import (
    AT,
    MILLION,
    a_join,
    a_table,
    decision,
    joined,
    key,
    proposal_for,
    proposed,
    scanning,
)

LINES = a_table("lines", "EVEN")
TABLES = [a_table("orders", "KEY(order_id)"), a_table("customers", "KEY(customer_id)"), LINES]


def sent(pattern: str, column: str, partner: str, seconds: float):
    join = a_join(
        f"{partner}.{column}", f"lines.{column}", moving=seconds, movement=Movement.DS_DIST_INNER
    )
    return joined(pattern, join)


USES = [
    *sent("orders-1", "order_id", "orders", 800),
    *sent("orders-2", "order_id", "orders", 600),
    *sent("customers", "customer_id", "customers", 1000),
]


def advice(pattern: str, action_sql: str, *names: str) -> OpenAdvice:
    told = replace(
        a_recommendation(pattern, action_sql=action_sql, title=f"Advice on {pattern}"),
        recommendation_id=f"r-{pattern}",
    )
    return OpenAdvice(
        triaged=TriagedRecommendation(
            recommendation=told, state=TriageState.OPEN, version=1, raised_first=AT,
            raised_last=AT,
        ),
        key_of={f"sales.{name}": key(name) for name in names or ("lines",)},
    )  # fmt: skip


def judged(*advices: OpenAdvice, uses=USES, tables=TABLES, **how):
    return proposed(uses, tables, advice=advices, **how)


def test_of_two_dist_keys_for_one_table_the_one_that_saves_more_wins():
    by_order = advice("orders-1", distribute_by_key(LINES, "order_id"))
    by_customer = advice("customers", distribute_by_key(LINES, "customer_id"))

    result = judged(by_order, by_customer)

    assert decision(result, "lines").proposed == "KEY(order_id)"
    wins, loses = result.standings["r-orders-1"], result.standings["r-customers"]
    assert wins.standing is Standing.AGREES
    assert wins.sentence == (
        "The same is proposed for sales.lines over all patterns: it saves 12 min a week net, on 2"
        " patterns together."
    )
    assert loses.standing is Standing.LOSES
    assert loses.sentence == (
        "KEY(customer_id) of sales.lines would save 8.3 min a week here. KEY(order_id) of"
        " sales.lines saves 12 min a week net instead."
    )
    rivals = decision(result, "lines").rivals
    assert [(each.query_hash, each.wants, each.standing) for each in rivals] == [
        ("customers", "KEY(customer_id)", Standing.LOSES),
        ("orders-1", "KEY(order_id)", Standing.AGREES),
    ]


def test_what_saves_here_and_costs_elsewhere_loses_with_the_sum():
    still = a_join("orders.order_id", "lines.order_id", movement=Movement.DS_DIST_NONE)
    uses = [
        *sent("customers", "customer_id", "customers", 80),
        *joined("orders-1", still),
        *joined("orders-2", still),
    ]
    tables = [*TABLES[:2], a_table("lines", "KEY(order_id)")]

    result = judged(
        advice("customers", distribute_by_key(LINES, "customer_id")), uses=uses, tables=tables
    )

    assert decision(result, "lines").is_change is False
    assert result.standings["r-customers"].sentence == (
        "KEY(customer_id) of sales.lines would save 40 s a week here, but cost 80 s on 2 other"
        " patterns. Over all patterns sales.lines is better left as it is."
    )


def test_copies_against_a_key_are_resolved_as_well():
    stores = a_table("stores", "EVEN", rows=5_000, columns={"order_id": "int"})
    join = a_join(
        "lines.order_id", "stores.order_id", moving=800, movement=Movement.DS_BCAST_INNER,
        rows=(10 * MILLION, 5_000), rows_out=10 * MILLION,
    )  # fmt: skip
    uses = joined("report", join)
    asked = (
        advice("copies", distribute(stores, "ALL"), "stores"),
        advice("keyed", distribute_by_key(stores, "order_id"), "stores"),
    )

    result = judged(*asked, uses=uses, tables=[LINES, stores])

    assert decision(result, "stores").proposed == "ALL"
    assert result.standings["r-copies"].standing is Standing.AGREES
    assert result.standings["r-keyed"].standing is Standing.LOSES
    assert "order_id: every row has its partner" not in result.standings["r-keyed"].sentence


def test_a_key_that_was_not_even_weighed_loses_with_the_objection():
    by_day = advice("orders-1", distribute_by_key(LINES, "sold_on"))
    join = a_join("orders.sold_on", "lines.sold_on", moving=800, movement=Movement.DS_DIST_BOTH)

    result = judged(by_day, uses=joined("orders-1", join))

    standing = result.standings["r-orders-1"]
    assert standing.standing is Standing.LOSES
    assert "sold_on: date values would gather on few slices" in standing.sentence


def test_what_is_only_too_small_over_all_patterns_contradicts_nobody():
    result = judged(
        advice("customers", distribute_by_key(LINES, "customer_id")),
        uses=sent("customers", "customer_id", "customers", 80),
    )

    assert decision(result, "lines").is_change is False
    assert result.standings == {}


def test_what_no_figure_speaks_of_has_no_standing():
    told = (
        advice("a", count_by_value(LINES, "order_id")),
        advice("c", distribute_by_key(LINES, "order_id"), "other"),
        advice("d", "ANALYZE sales.lines;"),
    )

    assert judged(*told).standings == {}


def test_advice_for_two_tables_is_judged_as_a_whole():
    returns = a_table("returns", "EVEN")
    join = a_join("lines.order_id", "returns.order_id", moving=1000)
    both = " ".join(distribute_by_key(table, "order_id") for table in (LINES, returns))

    result = judged(
        advice("report", both, "lines", "returns"),
        uses=joined("report", join),
        tables=[LINES, returns],
    )

    assert result.standings["r-report"].sentence == (
        "The same is proposed for sales.lines and sales.returns over all patterns: it saves 8.3 min"
        " a week net, on this pattern alone."
    )
    assert [len(decision(result, name).rivals) for name in ("lines", "returns")] == [1, 1]


def test_a_sort_key_that_begins_otherwise_loses():
    uses = [
        scanning("report", "lines", seconds=2000, read=100 * MILLION, kept=MILLION,
                 filters={"sold_on": "range"}),
        scanning("tile", "lines", seconds=500, read=100 * MILLION, kept=MILLION,
                 filters={"customer_id": "equality"}),
    ]  # fmt: skip
    asked = (
        advice("tile", sort_by(LINES, ("customer_id",))),
        advice("report", sort_by(LINES, ("sold_on", "customer_id"))),
    )

    result = judged(*asked, uses=uses)

    assert decision(result, "lines", Aspect.SORT_KEY).proposed == "sorted by sold_on"
    assert result.standings["r-report"].standing is Standing.AGREES
    assert result.standings["r-tile"].standing is Standing.LOSES
    assert result.standings["r-tile"].sentence == (
        "sales.lines sorted by customer_id would save 4.1 min a week here. sales.lines sorted by"
        " sold_on saves 16 min a week net instead."
    )


def ordered(column: str):
    """Two patterns skip blocks by the present sort key; a third filters `column`."""
    lines = a_table("lines", "EVEN", sorted_by=("sold_on",))
    uses = [
        scanning(name, "lines", seconds=2000, read=MILLION, kept=MILLION, restricted=True,
                 filters={"sold_on": "range"})
        for name in ("report", "tile")
    ]  # fmt: skip
    other = scanning("other", "lines", seconds=3000, read=100 * MILLION, kept=MILLION,
                     filters={column: "equality"})  # fmt: skip
    return lines, [*uses, other]


def test_to_drop_a_sort_key_that_others_live_by_loses_with_what_it_would_cost():
    lines, uses = ordered("customer_id")
    drop = advice("other", "ALTER TABLE sales.lines ALTER SORTKEY NONE;")

    result = judged(drop, uses=uses, tables=[lines])

    kept = decision(result, "lines", Aspect.SORT_KEY)
    across = result.standings["r-other"]
    assert not kept.is_change
    assert across.standing is Standing.LOSES
    assert across.sentence.startswith(
        "sales.lines with no sort key would save nothing that is measured here, but cost"
    )
    assert "on 2 other patterns" in across.sentence
    assert across.sentence.endswith("Over all patterns sales.lines is better left as it is.")
    assert [rival.recommendation_id for rival in kept.rivals] == ["r-other"]


def test_to_drop_a_sort_key_against_making_one_is_resolved_by_the_sum():
    uses = [
        scanning("report", "lines", seconds=2000, read=100 * MILLION, kept=MILLION,
                 filters={"sold_on": "range"})
    ]  # fmt: skip
    make = advice("report", sort_by(LINES, ("sold_on",)))
    drop = advice("tile", "ALTER TABLE sales.lines ALTER SORTKEY NONE;")

    result = judged(make, drop, uses=uses)

    standings = {name: across.standing for name, across in result.standings.items()}
    assert standings == {"r-report": Standing.AGREES, "r-tile": Standing.LOSES}
    assert "sales.lines sorted by sold_on saves" in result.standings["r-tile"].sentence


@pytest.mark.parametrize(
    ("aspect", "sql", "words"),
    [
        (Aspect.DISTRIBUTION, distribute(LINES, "AUTO"), "DISTSTYLE AUTO of sales.lines"),
        (
            Aspect.SORT_KEY,
            "ALTER TABLE sales.lines ALTER SORTKEY AUTO;",
            "sales.lines with sort key AUTO",
        ),
    ],
)
def test_what_leaves_the_choice_to_redshift_loses_to_a_change_with_figures(aspect, sql, words):
    scan = scanning("report", "lines", seconds=2000, read=100 * MILLION, kept=MILLION,
                    filters={"sold_on": "range"})  # fmt: skip

    result = judged(advice("report", sql), uses=[*USES, scan])

    assert decision(result, "lines", aspect).is_change
    across = result.standings["r-report"]
    assert across.standing is Standing.LOSES
    assert across.sentence.startswith(f"{words} would save nothing that is measured here.")
    assert across.sentence.endswith(
        "instead. What Redshift would choose for sales.lines no figure tells."
    )


def test_what_leaves_the_choice_to_redshift_is_not_judged_where_nothing_is_changed():
    use = scanning("report", "lines", seconds=10, read=10, kept=10)

    result = judged(advice("report", distribute(LINES, "AUTO")), uses=[use])

    assert result.standings == {}


def test_encodings_of_one_pattern_agree_with_those_for_all():
    lines = a_table("lines", "EVEN", raw=("order_id", "customer_id"))
    use = scanning("report", "lines", seconds=3000, read=10, kept=10)

    result = judged(advice("report", encode_automatically(lines)), uses=[use], tables=[lines])

    assert result.standings["r-report"].standing is Standing.AGREES
    assert len(decision(result, "lines", Aspect.ENCODING).rivals) == 1


def test_each_table_that_an_action_changes_is_kept_by_its_key():
    case = a_case({"tables": [{"name": "sales.lines"}, {"name": "sales.orders"}]})
    own = [
        replace(a_recommendation(action_sql=sql), recommendation_id=name)
        for name, sql in (
            ("keyed", distribute_by_key(LINES, "order_id")),
            ("analyzed", "ANALYZE sales.orders;"),
            ("elsewhere", "ALTER TABLE far.away ALTER DISTSTYLE EVEN;"),
            ("none", None),
        )
    ]

    found = advised_tables(case, own)

    assert [(each.recommendation_id, each.written_as) for each in found] == [
        ("keyed", "sales.lines")
    ]
    assert found[0].table_name.endswith(".sales.lines")


# Redshift's Advisor


def advised(kind: str, ddl: str, *, automatic: bool = False):
    row = AdvisorRow(
        kind=kind, database_name="shop", table_id=1, group_id=1, ddl=ddl,
        is_auto_eligible=automatic, table_name="lines",
    )  # fmt: skip
    return {key("lines"): (row,)}


@pytest.mark.parametrize(
    ("column", "opinion"), [("order_id", Opinion.AGREES), ("customer_id", Opinion.DISAGREES)]
)
def test_the_advisor_agrees_or_disagrees_by_the_key_that_it_proposes(column, opinion):
    ddl = f'ALTER TABLE "sales"."lines" ALTER DISTSTYLE KEY DISTKEY "{column}"'

    result = judged(advisor_rows=advised("diststyle", ddl))

    assert decision(result, "lines").advisor.opinion is opinion
    assert proposal_for(result, "lines").opinion is opinion


def test_a_disagreement_comes_with_what_the_advisors_key_would_do():
    ddl = 'ALTER TABLE "sales"."lines" ALTER DISTSTYLE KEY DISTKEY "customer_id"'

    own = decision(judged(advisor_rows=advised("diststyle", ddl)), "lines").advisor

    assert own.sentence == (
        "Redshift's Advisor proposes KEY(customer_id). By the patterns known here that would save"
        " 8.3 min a week on 1 pattern; KEY(order_id) saves 12 min a week net."
    )


def test_it_is_told_when_redshift_may_do_it_by_itself():
    ddl = 'ALTER TABLE "sales"."lines" ALTER DISTSTYLE KEY DISTKEY "order_id"'

    own = decision(judged(advisor_rows=advised("diststyle", ddl, automatic=True)), "lines").advisor

    assert own.is_auto_eligible
    assert own.sentence.endswith("Redshift may carry it out by itself.")


def test_its_silence_is_told_where_a_change_is_proposed_only():
    result = judged()

    assert decision(result, "lines").advisor.opinion is Opinion.SILENT
    assert decision(result, "orders").advisor is None
    assert proposal_for(result, "lines").opinion is Opinion.SILENT


def test_encodings_of_the_advisor_are_another_matter_where_none_are_proposed():
    ddl = 'ALTER TABLE "sales"."lines" ALTER COLUMN "order_id" ENCODE az64'

    result = judged(advisor_rows=advised("encode", ddl))

    own = decision(result, "lines", Aspect.ENCODING)
    assert (own.is_change, own.advisor.opinion) == (False, Opinion.NOT_WEIGHED)


def test_encodings_of_the_advisor_agree_with_automatic_ones():
    lines = a_table("lines", "EVEN", raw=("order_id", "customer_id"))
    use = scanning("report", "lines", seconds=3000, read=10, kept=10)
    ddl = 'ALTER TABLE "sales"."lines" ALTER COLUMN "order_id" ENCODE az64'

    result = judged(uses=[use], tables=[lines], advisor_rows=advised("encode", ddl))

    assert decision(result, "lines", Aspect.ENCODING).advisor.opinion is Opinion.AGREES


def test_a_statement_of_the_advisor_that_cannot_be_weighed_is_no_opinion():
    result = judged(
        advisor_rows=advised("diststyle", 'ALTER TABLE "sales"."lines" ALTER DISTSTYLE AUTO')
    )

    assert decision(result, "lines").advisor.opinion is Opinion.NOT_WEIGHED
