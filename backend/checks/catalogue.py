"""docs/checks.md: every cause that is looked for, by what, from which value on, and who else does.

Written by `make docs`; a test compares the file with what the code says.
"""

from collections.abc import Iterable, Iterator, Sequence

from backend.checks.not_checked import NOT_CHECKED
from backend.checks.registry import EVERY_CHECK, CheckText, check_text, known_thresholds
from backend.domain.threshold import Threshold

HEAD = """\
# What is checked

Written from the code by `make docs`. Each check looks for one cause in one pattern, or across all
of them; it stays silent or says *ruled out* where the cause does not hurt. A finding shows the
measured value beside the threshold that it passed. Any threshold can be changed in the
configuration file under `[thresholds]`, see [cli.md](cli.md).
"""
GROUPS = {
    "time": "Time",
    "plan": "Plan",
    "steps": "Steps",
    "tables": "Tables",
    "sql": "Statement",
    "lake": "Data lake (Spectrum)",
    "load": "Loads and maintenance",
    "workload": "Across patterns",
    "good_news": "Good news",
}


def catalogue_markdown(more_thresholds: Iterable[Threshold] = ()) -> str:
    """`more_thresholds` are those that no check compares with, such as the tables'."""
    texts = [check_text(check) for check in EVERY_CHECK]
    parts = [HEAD]
    for group, title in GROUPS.items():
        own = [text for text in texts if text.group == group]
        if own:
            parts.append("\n".join(_group(title, own)))
    parts.append("\n".join(_thresholds(more_thresholds)))
    parts.append("\n".join(_not_checked()))
    return "\n".join(parts)


def _group(title: str, texts: Sequence[CheckText]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| cause | check | looks at | thresholds | peers |"
    yield "| --- | --- | --- | --- | --- |"
    for text in texts:
        for rule in text.rules:
            names = (f"`{threshold.name}`" for threshold in rule.thresholds)
            inputs = (f"`{name}`" for name in rule.inputs)
            yield _row(
                rule.name,
                f"`{text.check}`",
                ", ".join(inputs),
                ", ".join(names),
                "; ".join(rule.peers),
            )
    yield ""


def _thresholds(more: Iterable[Threshold]) -> Iterator[str]:
    yield "## Thresholds\n"
    yield "| threshold | default | meaning | source |"
    yield "| --- | --- | --- | --- |"
    known = known_thresholds()
    others = [each for each in more if each.name not in known]
    for threshold in (*known.values(), *others):
        default = written(threshold, threshold.default)
        yield _row(f"`{threshold.name}`", default, threshold.meaning, threshold.source)
    yield ""


def _not_checked() -> Iterator[str]:
    yield "## Not checked\n"
    yield "| cause | why not | peers |"
    yield "| --- | --- | --- |"
    for cause in NOT_CHECKED:
        yield _row(cause.name, cause.reason, "; ".join(cause.peers))
    yield ""


def written(threshold: Threshold, value: float) -> str:
    """As the configuration file has it, with its unit."""
    number = f"{value:,.0f}" if value == int(value) else f"{value:g}"
    return number if threshold.unit == "share" else f"{number} {threshold.unit}".strip()


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
