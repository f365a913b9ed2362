"""What a reply may name: the numbers of facts, and the names of the case."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding
from backend.domain.recommendation import ReviewerName
from backend.domain.time_buckets import Bucket
from backend.panel.outbound.aliases import names_in
from backend.panel.outbound.document import Line, Tree, leaves
from backend.panel.outbound.public_words import public_words
from backend.panel.prompts import reviewer_prompt, system_prompt

_NUMBER = re.compile(r"(?<![\w.])\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.])\d+(?:\.\d+)?")
_MULTIPLE = re.compile(r"\s?(trillion|billion|million|thousand)\b")
_TIMES = {"trillion": 1e12, "billion": 1e9, "million": 1e6, "thousand": 1e3}
_IDENTIFIER = re.compile(r"[^\W\d][\w$]*")
_SYSTEM = ("sys_", "svv_", "svl_", "stv_", "stl_", "svcs_", "pg_", "volt_tt_", "ds_")


def numbers_of(*things: Any) -> frozenset[float]:
    """Of facts, findings and texts: every figure, and every number in a string of theirs."""
    return frozenset(abs(number) for thing in things for number in _numbers(thing))


def _numbers(thing: Any) -> Iterator[float]:
    if thing is None or isinstance(thing, bool):
        return
    if isinstance(thing, int | float):
        yield float(thing)
    elif isinstance(thing, str):
        for match in _NUMBER.finditer(thing):
            multiple = _MULTIPLE.match(thing, match.end())
            number = float(match.group().replace(",", ""))
            yield number * (_TIMES[multiple[1]] if multiple else 1)
    elif isinstance(thing, tuple | list | frozenset):
        for one in thing:
            yield from _numbers(one)
    elif is_dataclass(thing):
        for each in fields(thing):
            yield from _numbers(getattr(thing, each.name))


def facts_cited(case: CaseFile, fact_ids: Iterable[str]) -> tuple[Any, ...]:
    """With what the document works out of them: each bucket's share and its seconds a run."""
    wanted = set(fact_ids)
    cited: list[Any] = [fact for fact in case.facts() if fact.fact_id in wanted]
    if case.buckets.fact_id in wanted:
        buckets = case.buckets.buckets
        runs = max(case.statistics.runs, 1)
        cited += [buckets.share(bucket) for bucket in Bucket]
        cited += [buckets.seconds(bucket) / runs for bucket in Bucket]
    return tuple(cited)


def all_facts(case: CaseFile) -> tuple[Any, ...]:
    return facts_cited(case, (fact.fact_id for fact in case.facts()))


class KnownNames:
    """In lower case: names of the case, words of SQL, and the document's own words."""

    def __init__(self, case: CaseFile, lines: Sequence[Line], findings: Sequence[Finding]) -> None:
        outside = [leaf for line in lines for leaf in leaves(line.tree)]
        own = {word for line in lines for word in _own_words(line.tree)}
        self._of_case = frozenset(name.lower() for each in outside for name in names_in(each))
        placeholders = case.model_form.placeholders if case.model_form else ()
        self._others = frozenset(
            own
            | _words_of_prompts()
            | {placeholder.name for placeholder in placeholders}
            | {finding.check for finding in findings}
        )

    def is_of_case(self, name: str) -> bool:
        return name.lower() in self._of_case

    def knows(self, name: str) -> bool:
        folded = name.lower()
        return (
            folded in self._of_case
            or folded in self._others
            or folded in public_words()
            or folded.startswith(_SYSTEM)
        )


def _own_words(tree: Tree) -> Iterator[str]:
    """Keys and our own strings: `statistics_off_percent`, `table_design`."""
    if isinstance(tree, str):
        yield from (word.lower() for word in _IDENTIFIER.findall(tree))
    elif isinstance(tree, dict):
        for key, value in tree.items():
            yield key.lower()
            yield from _own_words(value)
    elif isinstance(tree, list | tuple):
        for one in tree:
            yield from _own_words(one)


@cache
def _words_of_prompts() -> frozenset[str]:
    texts = (system_prompt(), *map(reviewer_prompt, ReviewerName))
    return frozenset(word.lower() for text in texts for word in _IDENTIFIER.findall(text))
