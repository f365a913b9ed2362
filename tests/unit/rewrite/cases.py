"""One file of cases a rule: a sentence, the statement, and what the rule makes of it.

sql: SELECT …                  # with its literals; the rule sees it scrubbed
columns: {retail.orders.customer_id: bigint not null}    # beside those of shop.py
plan: XN …                     # EXPLAIN text
rewrites: {subject: …, says: […], clauses: 1, changes_result: true}    # or true
refuses: …                     # in the sentence that says why not
silent: true                   # neither
naive: SELECT …                # what a careless rule would write
witness: {retail.orders: [[…]]}    # rows for which that gives something else
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from backend.domain.case_file import CaseFile
from backend.domain.rewrite import Rewrite, RewriteOutcome
from backend.rewrite.find_rewrites import find_rewrites
from backend.rewrite.rules import RULES
from tests.unit.checks.builder import a_case
from tests.unit.rewrite.shop import described_tables, shop

FOLDER = Path(__file__).parent / "cases"
KNOWN_KEYS = {"sql", "columns", "plan", "rewrites", "refuses", "silent", "naive", "witness"}


@dataclass(frozen=True, kw_only=True)
class RuleCase:
    rule: str
    sentence: str
    told: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.rule}: {self.sentence}"

    @property
    def sql(self) -> str:
        return str(self.told["sql"])

    @property
    def tables(self) -> dict[str, dict[str, str]]:
        return shop(self.told.get("columns", {}))

    @property
    def rewrites(self) -> dict[str, Any] | None:
        wanted = self.told.get("rewrites")
        return {} if wanted is True else wanted

    def case_file(self) -> CaseFile:
        plan = {"plan": self.told["plan"]} if "plan" in self.told else {}
        return a_case({"sql": self.sql, "tables": described_tables(self.tables), **plan})

    def outcome(self) -> RewriteOutcome:
        (rule,) = [rule for rule in RULES if rule.name == self.rule]
        return find_rewrites(self.case_file(), [rule])

    def only_rewrite(self) -> Rewrite:
        (rewrite,) = self.outcome().rewrites
        return rewrite


def rule_cases() -> Iterator[RuleCase]:
    for path in sorted(FOLDER.glob("*.yaml")):
        for sentence, told in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            unknown = set(told) - KNOWN_KEYS
            if unknown:
                raise ValueError(f"{path.name}: a case has no {', '.join(sorted(unknown))}")
            yield RuleCase(rule=path.stem, sentence=sentence, told=told)
