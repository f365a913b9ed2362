"""How plans and statements name the tables of a case file."""

from dataclasses import replace

import pytest

from backend.domain.case_file import CaseFile, TableFact
from tests.builders import a_case_file, a_table


def a_case_with(*names: str) -> CaseFile:
    facts = (TableFact(fact_id=name, table=a_table(name)) for name in names)
    return replace(a_case_file(), tables=tuple(facts))


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("orders", None),
        ("staging.orders", "staging.orders"),
        ("shop.Staging.Orders", "staging.orders"),
        ('"orders"', None),
        ('sales."items"', "sales.items"),
        ("items", "sales.items"),
        ("shops", "public.shops"),
        ("nothing", None),
        ("", None),
    ],
)
def test_a_name_means_one_table_or_none(name: str, known: str | None) -> None:
    tables = ("sales.orders", "staging.orders", "sales.items", "public.shops", "sales.shops")

    fact = a_case_with(*tables).table(name)

    assert (fact.fact_id if fact else None) == known
