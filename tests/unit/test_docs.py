"""What the documents say of files, columns and tables is still so."""

import re
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from backend.adapters.folder.view_columns import VIEWS, View
from backend.settings import ExplainSettings, ServingSettings, StorageSettings

PROJECT = Path(__file__).parents[2]
DOCUMENTS = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
MIGRATIONS = PROJECT / "backend" / "adapters" / "sqlite" / "migrations"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(document: Path):
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text(encoding="utf-8"))

    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("group", [StorageSettings, ServingSettings, ExplainSettings])
def test_every_setting_is_documented(group: type[BaseSettings]):
    text = (PROJECT / "docs" / "cli.md").read_text(encoding="utf-8")
    names = [
        field.validation_alias or f"WORKBENCH_{name.upper()}"
        for name, field in group.model_fields.items()
    ]

    assert [name for name in names if f"`{name}`" not in text and f"`${name}`" not in text] == []


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_every_column_that_is_read_is_documented(view: View):
    text = (PROJECT / "docs" / "import.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| `{view.name}` \|.*$", text, re.MULTILINE)
    _, _, required, used, _ = row.split("|")

    missing = [column.name for column in view.columns if f"`{column.name}`" not in required + used]
    weak = [
        column.name
        for column in view.columns
        if column.is_required and f"`{column.name}`" not in required
    ]
    assert (missing, weak) == ([], [])


def test_every_table_of_the_store_is_documented():
    text = (PROJECT / "docs" / "data-model.md").read_text(encoding="utf-8")
    made = {
        name
        for file in MIGRATIONS.glob("*.sql")
        for name in re.findall(r"CREATE (?:VIRTUAL )?TABLE (\w+)", file.read_text(encoding="utf-8"))
    }

    assert [name for name in sorted(made) if f"`{name}`" not in text] == []
