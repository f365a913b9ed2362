"""The last step before a model is called: masks once more, takes literals out, then checks.

The check reads the finished text anew, as its reader would, and shares nothing with what was done
before. Whatever goes wrong, nothing is sent.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backend.domain.errors import WorkbenchError
from backend.domain.model_form import LiteralMark
from backend.domain.receipt import OutboundCheck, OutboundText
from backend.panel.outbound.aliases import NO_ALIASES, Aliases, find_aliases
from backend.panel.outbound.check_text import CheckFailedError, Common, check_text
from backend.panel.outbound.document import (
    NAMES,
    Line,
    Outside,
    OutsideKind,
    Tree,
    leaves,
    with_leaves,
)
from backend.panel.outbound.fitted import fitted
from backend.panel.outbound.literals import FoundLiteral, find_literals, without_literals
from backend.panel.outbound.rescrub import Rescrub
from backend.panel.outbound.write_lines import json_line

CASE_BYTES = 60_000
EXTRA_BYTES = 30_000
CASE_FENCE = ("<case_file>", "</case_file>")
EXTRA_FENCE = ("<recommendations>", "</recommendations>")


class WithheldError(WorkbenchError):
    """The text for the model did not pass the check."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What shall be asked: our own texts, and the lines of the case. `extra` is what one reviewer
    is given beside the case file."""

    system: str
    instructions: str
    schema: str
    lines: Sequence[Line]
    extra: Sequence[Line] = ()
    window_end: datetime


@dataclass(frozen=True, kw_only=True)
class GateRules:
    """`marks_key` is the key of the literals' marks, None where it is not known."""

    marks_key: bytes | None = None
    aliases_names: bool = False


@dataclass(frozen=True, kw_only=True)
class Passed:
    text: OutboundText
    check: OutboundCheck
    aliases: Aliases


def pass_gate(question: Question, marks: Collection[LiteralMark], rules: GateRules) -> Passed:
    """Raises WithheldError, with a sentence that holds nothing of the text."""
    try:
        return _passed(question, marks, rules)
    except WithheldError:
        raise
    except CheckFailedError as error:
        raise WithheldError(error.message) from None
    except Exception as error:  # noqa: BLE001 - whatever went wrong, nothing may get out
        # Its own text may hold what must not get out.
        raise WithheldError(f"checking the text failed ({type(error).__name__}).") from None


def _passed(question: Question, marks: Collection[LiteralMark], rules: GateRules) -> Passed:
    if marks and not rules.marks_key:
        raise WithheldError("the key is missing with which the statement's literals are found.")
    key = rules.marks_key or b"-"
    rescrub = Rescrub(question.window_end)
    all_lines = (*question.lines, *question.extra)
    masked = [Outside(rescrub(each), each.kind) for each in _leaves(all_lines)]
    common = Common.of(question.system, question.instructions, question.schema, all_lines)
    aliases = _aliases(masked, marks, key, rules)
    texts = [aliases.applied(each.text) for each in masked]
    found = [
        each
        for each in find_literals(texts, marks, key)
        if masked[each.place].kind in NAMES or not common.has(texts[each.place], each)
    ]
    cleared = iter(_cleared(texts, found))
    lines = [each for line in question.lines for each in _a_line_each(_with_texts(line, cleared))]
    extra = [_with_texts(line, cleared) for line in question.extra]
    text = OutboundText(
        system=question.system,
        prefix=_fenced(CASE_FENCE, fitted(lines, CASE_BYTES)),
        instructions=_with_extra(question.instructions, extra),
        schema=question.schema,
    )
    common_words = check_text(text, marks, key, common)
    return Passed(
        text=text,
        check=OutboundCheck(
            literals=len(marks),
            taken_out=len(found) + _hidden_by_alias(masked, aliases, marks, key, rules),
            common_words=common_words,
            personal_data=rescrub.masked,
            is_aliased=rules.aliases_names,
        ),
        aliases=aliases,
    )


def _leaves(lines: Iterable[Line]) -> Iterable[Outside]:
    return (leaf for line in lines for leaf in leaves(line.tree))


def _aliases(
    masked: Sequence[Outside], marks: Collection[LiteralMark], key: bytes, rules: GateRules
) -> Aliases:
    """For all names where that is set, else for those that are a literal of the statement, too."""
    if rules.aliases_names:
        return find_aliases(masked, lambda _: True)
    if not marks:
        return NO_ALIASES
    names = {each.text for each in masked}
    candidates = sorted(names)
    holding = {
        candidates[each.place][each.start : each.end].lower()
        for each in find_literals(candidates, marks, key)
    }
    if not holding:
        return NO_ALIASES
    return find_aliases(masked, lambda name: name.lower() in holding)


def _hidden_by_alias(
    masked: Sequence[Outside],
    aliases: Aliases,
    marks: Collection[LiteralMark],
    key: bytes,
    rules: GateRules,
) -> int:
    """How many names were given an alias for being a literal, too."""
    if rules.aliases_names or not aliases:
        return 0
    return sum(
        1
        for each in find_literals([outside.text for outside in masked], marks, key)
        if aliases.applied(masked[each.place].text) != masked[each.place].text
    )


def _cleared(texts: Sequence[str], found: Sequence[FoundLiteral]) -> Iterable[str]:
    by_place: dict[int, list[FoundLiteral]] = {}
    for each in found:
        by_place.setdefault(each.place, []).append(each)
    return (
        without_literals(text, by_place[place]) if place in by_place else text
        for place, text in enumerate(texts)
    )


def _with_texts(line: Line, texts: "Iterable[str]") -> Line:
    following = iter(texts)

    def plain(outside: Outside) -> Tree:
        text = next(following)
        return text.split("\n") if outside.kind is OutsideKind.STATEMENT else text

    tree = with_leaves(line.tree, plain)
    return replace(line, tree=tree)  # type: ignore[arg-type]


def _a_line_each(line: Line) -> Iterable[Line]:
    """The statement is easier to read so, for a model and for who looks at the receipt."""
    sql = line.tree.get("statement")
    if isinstance(sql, list):
        return [replace(line, tree={"sql": each}) for each in sql]
    return [line]


def _fenced(fence: tuple[str, str], lines: Iterable[Line]) -> str:
    return "\n".join((fence[0], *(json_line(line.tree) for line in lines), fence[1]))


def _with_extra(instructions: str, extra: Sequence[Line]) -> str:
    if not extra:
        return instructions
    return f"{_fenced(EXTRA_FENCE, fitted(extra, EXTRA_BYTES))}\n\n{instructions}"
