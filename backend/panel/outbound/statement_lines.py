"""The statement in its model form, and what is known of each placeholder."""

from collections import defaultdict
from collections.abc import Iterator

from backend.domain.case_file import CaseFile
from backend.domain.model_form import ModelForm, Placeholder
from backend.panel.outbound.document import Line, Outside, OutsideKind, Tree

NO_FORM = (
    "The text is withheld: no form of it is known from which all literals are gone for certain. "
    "Judge by the plan, the steps and the tables."
)
BANDS = ((0.001, "<0.1 %"), (0.01, "0.1–1 %"), (0.1, "1–10 %"), (0.5, "10–50 %"))
WIDEST_BAND = ">50 %"


def statement_lines(case: CaseFile) -> Iterator[Line]:
    form = case.model_form
    if form is None:
        why = case.withheld_reason
        tree: dict[str, Tree] = {"statement": None, "why": NO_FORM}
        if why:
            tree["reason"] = Outside(why, OutsideKind.SENTENCE)
        yield Line(group="statement_text", tree=tree)
    else:
        yield Line(
            group="statement_text",
            tree={"statement": Outside(form.sql, OutsideKind.STATEMENT)},
        )
        yield from _placeholder_lines(case, form)
    yield from _selectivity_lines(case)


def _placeholder_lines(case: CaseFile, form: ModelForm) -> Iterator[Line]:
    bands = selectivities(case)
    for placeholder in form.placeholders:
        yield Line(group="placeholder", tree=_placeholder(case, placeholder, bands), rank=1)
    for distance in form.distances:
        yield Line(
            group="placeholder",
            tree={
                "from": f":{distance.earlier}",
                "to": f":{distance.later}",
                "days_apart": distance.days,
            },
            rank=1,
        )


def _placeholder(
    case: CaseFile, placeholder: Placeholder, bands: dict[str, str]
) -> dict[str, Tree]:
    tree: dict[str, Tree] = {
        "placeholder": f":{placeholder.name}",
        "type": placeholder.type.value,
    }
    if placeholder.length_class:
        tree["length"] = placeholder.length_class
    if placeholder.size > 1:
        tree["values"] = placeholder.size
    if len(placeholder.positions) > 1:
        tree["equal_in_places"] = len(placeholder.positions)
    if placeholder.structural:
        tree["value"] = Outside(placeholder.structural, OutsideKind.SENTENCE)
    if placeholder.like_shape:
        tree["like"] = placeholder.like_shape
    if placeholder.compared_with:
        tree["compared_with"] = Outside(placeholder.compared_with, OutsideKind.SQL)
        band = bands.get(_only_filtered_table(case, placeholder.compared_with) or "")
        if band:
            tree["keeps_of_its_table"] = band
    return tree


def _only_filtered_table(case: CaseFile, compared_with: str) -> str | None:
    """The table that nothing but this column filters: only then is its selectivity the column's."""
    if case.statement is None:
        return None
    column = compared_with.rsplit(".", maxsplit=1)[-1].strip('"').lower()
    columns_of = defaultdict(set)
    for use in case.statement.filtered_columns:
        if use.table_name:
            columns_of[_bare(use.table_name)].add(use.column_name.lower())
    tables = [table for table, columns in columns_of.items() if columns == {column}]
    return tables[0] if len(tables) == 1 else None


def _selectivity_lines(case: CaseFile) -> Iterator[Line]:
    bands = selectivities(case)
    facts = defaultdict(list)
    names: dict[str, str] = {}
    for fact in case.steps:
        if fact.step.table_name and fact.step.step_name.lower().startswith("scan"):
            facts[_bare(fact.step.table_name)].append(fact.fact_id)
            names.setdefault(_bare(fact.step.table_name), fact.step.table_name)
    for table, band in bands.items():
        yield Line(
            group="selectivity",
            tree={
                "scans_of": Outside(names[table], OutsideKind.TABLE),
                "keep_of_its_rows": band,
                "facts": list(facts[table]),
            },
            rank=1,
        )


def selectivities(case: CaseFile) -> dict[str, str]:
    """The part of a table's rows that leaves its scans, as a band, by bare name in lower case.

    Of the table's rows where they are known, else of those that the scan read.
    """
    read: dict[str, int] = defaultdict(int)
    kept: dict[str, int] = defaultdict(int)
    names: dict[str, str] = {}
    for fact in case.steps:
        step = fact.step
        if step.table_name and step.step_name.lower().startswith("scan"):
            table = _bare(step.table_name)
            read[table] += step.input_rows
            kept[table] += step.output_rows
            names.setdefault(table, step.table_name)
    bands = {}
    for table, name in names.items():
        known = case.table(name)
        rows = known.table.row_count if known else None
        whole = rows if rows and rows >= kept[table] else read[table]
        if whole:
            bands[table] = band_of(kept[table] / whole)
    return bands


def band_of(share: float) -> str:
    return next((band for below, band in BANDS if share < below), WIDEST_BAND)


def _bare(table_name: str) -> str:
    return table_name.replace('"', "").rsplit(".", maxsplit=1)[-1].lower()
