"""DISTINCT is left out where rows cannot come twice, or where nobody would notice."""

from collections.abc import Iterator

from sqlglot import exp

from backend.domain.in_words import listed
from backend.domain.rewrite import Precondition
from backend.rewrite.duplicates import (
    is_blind_to_repeats,
    is_distinct,
    is_mixed_chain,
    is_stable,
    passes_all,
    shows_all_keys,
)
from backend.rewrite.numbered import shown
from backend.rewrite.places import has_grouping_sets
from backend.rewrite.rule import Edit, Reading, Refusal, RewriteRule
from backend.rewrite.select_shape import is_one_row


def find(reading: Reading) -> Iterator[Edit | Refusal]:
    for select in reading.selects():
        if not is_distinct(select) or _is_in_mixed_chain(select):
            continue
        proof = _proof(reading, select)
        if proof is not None:
            yield _edit(select, proof)
        elif select.args.get("group"):
            hidden = _hidden_keys(select)
            yield reading.refusal(
                "DISTINCT could not be left out: not every GROUP BY key is shown, so groups that "
                f"differ only in {listed(hidden)} give equal rows."
                if hidden
                else "DISTINCT could not be left out: the GROUP BY keys do not make rows unique.",
                "",
            )


def _is_in_mixed_chain(select: exp.Select) -> bool:
    return isinstance(select.parent, exp.SetOperation) and is_mixed_chain(select.parent)


def _proof(reading: Reading, select: exp.Select) -> Precondition | None:
    if shows_all_keys(reading.reader, select):
        return reading.by_statement(
            "The rows are one for each group, and every GROUP BY key is shown",
            "each key compared with the select list; ROLLUP, CUBE and GROUPING SETS are absent",
        )
    if is_one_row(select):
        return reading.by_statement(
            "There is one row at most: aggregates without GROUP BY",
        )
    if passes_all(reading.reader, select) and is_stable(select):
        return reading.by_statement(
            "It hands on every column of one query that gives no row twice",
            "that query is DISTINCT, UNION or grouped by what it shows",
        )
    if is_blind_to_repeats(select):
        return reading.by_statement(
            "What reads it takes no notice of equal rows",
            "it stands in IN, EXISTS, UNION or below another DISTINCT, and without LIMIT",
        )
    return None


def _edit(select: exp.Select, proof: Precondition) -> Edit:
    query = select.copy()
    query.set("distinct", None)
    return Edit(
        replaced=((select, query),),
        preconditions=(proof,),
        clauses=((_head(select), _head(query)),),
    )


def _head(select: exp.Select) -> exp.Select:
    """Only what is needed to see where DISTINCT was."""
    parts = ("expressions", "distinct", "group")
    return exp.Select(
        **{
            name: [part.copy() for part in value] if isinstance(value, list) else value.copy()
            for name in parts
            if (value := select.args.get(name))
        }
    )


def _hidden_keys(select: exp.Select) -> list[str]:
    if has_grouping_sets(select):
        return []
    written = {each.unalias().unnest().sql().lower() for each in select.expressions}
    names = {each.output_name.lower() for each in select.expressions}
    return [
        shown(key, is_pretty=False)
        for key in select.args["group"].expressions
        if key.sql().lower() not in written and key.name.lower() not in names
    ]


RULE = RewriteRule(
    name="redundant_distinct",
    check="redundant_distinct",
    title="Leave out a DISTINCT that removes nothing",
    find=find,
)
