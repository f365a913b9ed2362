"""There is no way from advice to a database: nothing that a reviewer writes is ever run."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUNS_SQL = frozenset(
    {"execute", "executemany", "executescript", "execute_statement", "batch_execute_statement"}
)
MAY_TAKE_ACTION_SQL = frozenset(
    {
        # What carries it, what reads it, and what draws it as text.
        "Advice", "AdviceCard", "AdviceRecord", "DecisionCard", "DecisionRecord", "Outside",
        "Recommendation", "advice_on", "advisor_opinion", "st.code", "terminal.say", "visible",
        "read_action_sql", "wants_of", "_own_decisions", "self._action_sql", "list",
    }
)  # fmt: skip


def calls_in(*folders: str) -> Iterator[tuple[Path, ast.Call]]:
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield file.relative_to(ROOT), node


def is_given(call: ast.Call, names: frozenset[str]) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(
        (isinstance(node, ast.Attribute) and node.attr in names)
        or (isinstance(node, ast.Name) and node.id in names)
        for argument in given
        for node in ast.walk(argument)
    )


@pytest.mark.parametrize(
    "folder", ["backend/panel", "backend/services", "backend/api", "workbench", "lambdas"]
)
def test_no_layer_above_the_store_runs_sql(folder):
    running = [
        (str(file), ast.unparse(call.func))
        for file, call in calls_in(folder)
        if isinstance(call.func, ast.Attribute) and call.func.attr in RUNS_SQL
    ]

    assert running == []


def test_the_sql_of_advice_only_goes_where_it_is_kept_read_or_shown():
    takers = {
        ast.unparse(call.func)
        for _, call in calls_in("backend", "workbench", "lambdas")
        if is_given(call, frozenset({"action_sql"}))
    }

    assert takers <= MAY_TAKE_ACTION_SQL
    assert "read_action_sql" in takers


def test_only_a_person_s_text_can_be_explained():
    """The plan on demand takes what someone typed, never a part of a review."""
    explaining = [
        call
        for _, call in calls_in("backend", "workbench", "lambdas")
        if ast.unparse(call.func).rsplit(".", maxsplit=1)[-1] in {"explain", "explain_on_cluster"}
    ]

    assert not [
        ast.unparse(call)
        for call in explaining
        if is_given(call, frozenset({"action_sql", "rewrite", "recommendation", "advice"}))
    ]


def test_the_port_of_a_model_has_no_tools():
    source = (ROOT / "backend/panel/model_reviewer/model.py").read_text(encoding="utf-8")
    fields = {
        node.target.id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }

    assert not [name for name in fields if "tool" in name]
