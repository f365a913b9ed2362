from datetime import date
from pathlib import Path

import pytest

from backend.domain.money import Prices
from backend.settings import SettingError, child_environment, read_settings


def test_the_data_folder_is_the_users_own_if_nothing_is_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))

    folder = read_settings().storage.folder

    assert folder == tmp_path / ".local" / "share" / "redshift-query-workbench"


@pytest.mark.parametrize(
    ("data_home", "is_used"), [("/somewhere/share", True), ("relative/share", False), ("", False)]
)
def test_a_data_home_counts_if_it_is_absolute(
    monkeypatch: pytest.MonkeyPatch, data_home: str, is_used: bool
):
    monkeypatch.setenv("XDG_DATA_HOME", data_home)

    folder = read_settings().storage.folder

    assert (folder == Path("/somewhere/share/redshift-query-workbench")) is is_used


def test_an_argument_beats_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("WORKBENCH_DATA_DIR", "/elsewhere")

    assert read_settings().storage.folder == Path("/elsewhere")
    assert read_settings(tmp_path).storage.folder == tmp_path


def test_a_relative_data_folder_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)

    assert read_settings(Path("data")).storage.folder == tmp_path / "data"


def test_an_unusable_setting_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WORKBENCH_API_PORT", "eighty")

    with pytest.raises(SettingError, match="WORKBENCH_API_PORT"):
        read_settings()


def test_no_raw_text_is_kept_unless_a_setting_says_so(monkeypatch: pytest.MonkeyPatch):
    assert read_settings().storage.raw_text_days == 0

    monkeypatch.setenv("WORKBENCH_RAW_TEXT_DAYS", "7")
    assert read_settings().storage.raw_text_days == 7


@pytest.mark.parametrize("days", ["31", "-1", "always"])
def test_raw_text_is_kept_for_a_month_at_most(monkeypatch: pytest.MonkeyPatch, days: str):
    monkeypatch.setenv("WORKBENCH_RAW_TEXT_DAYS", days)

    with pytest.raises(SettingError, match="WORKBENCH_RAW_TEXT_DAYS"):
        read_settings()


def test_a_child_works_on_the_same_store(tmp_path: Path):
    assert child_environment(read_settings(tmp_path))["WORKBENCH_DATA_DIR"] == str(tmp_path)


def test_thresholds_come_from_the_configuration_file_of_the_data_folder(tmp_path: Path):
    (tmp_path / "workbench.toml").write_text("[thresholds]\nspilled_mb = 5000\n")

    assert read_settings(tmp_path).thresholds == {"spilled_mb": 5000.0}


def test_a_configuration_file_that_is_named_must_be_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "nowhere.toml"))

    with pytest.raises(SettingError, match="cannot be read"):
        read_settings(tmp_path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[thresholds", "no TOML file"),
        ("[tresholds]\nspilled_mb = 5", "tresholds"),
        ("[thresholds]\nspilled_mb = 'much'", "thresholds.spilled_mb"),
    ],
)
def test_a_broken_configuration_file_is_named_with_the_place(
    tmp_path: Path, text: str, problem: str
):
    (tmp_path / "workbench.toml").write_text(text)

    with pytest.raises(SettingError, match=problem):
        read_settings(tmp_path)


def test_prices_come_from_the_configuration_file(tmp_path: Path):
    (tmp_path / "workbench.toml").write_text(
        "[prices]\nas_of = 2026-11-01\nnodes = 4\nnode_hour = 3.26\n"
    )

    assert read_settings(tmp_path).prices == Prices(
        as_of=date(2026, 11, 1), nodes=4, node_hour=3.26
    )


def test_without_prices_there_are_none(tmp_path: Path):
    assert read_settings(tmp_path).prices is None


@pytest.mark.parametrize(
    "text",
    [
        "as_of = 2026-11-01",
        "nodes = 4\nnode_hour = 3.26",
        "as_of = 2026-11-01\nnodes = 4",
        "as_of = 2026-11-01\nnodes = 4\nnode_hour = 3.26\nrpu_hour = 0.3\nbase_rpu = 8",
        "as_of = 2026-11-01\nnodes = 4\nnode_hour = -3.26",
        "as_of = 2026-11-01\nnodes = 4\nnode_hour = 0.0",
    ],
)
def test_prices_that_make_no_bill_are_refused(tmp_path: Path, text: str):
    (tmp_path / "workbench.toml").write_text(f"[prices]\n{text}\n")

    with pytest.raises(SettingError, match="prices"):
        read_settings(tmp_path)


def test_explaining_on_the_cluster_is_off_unless_it_is_turned_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert read_settings(tmp_path).explain.explain_on_cluster is False

    monkeypatch.setenv("WORKBENCH_EXPLAIN_ON_CLUSTER", "true")

    assert read_settings(tmp_path).explain.explain_on_cluster is True
