from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from backend import wiring
from backend.domain.errors import UnknownPatternError
from backend.domain.threshold import LARGE_TABLE_ROWS
from backend.services.load_sample import SampleProgress, SampleStage
from backend.services.ports import PatternRuns
from backend.settings import SettingError
from tests.builders import a_hash, a_pattern, some_runs


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[wiring.Workbench]:
    workbench = wiring.open_workbench(tmp_path)
    yield workbench
    workbench.store.close()


def keep_a_pattern(workbench: wiring.Workbench) -> None:
    kept = PatternRuns(pattern=a_pattern(), runs=some_runs())
    workbench.store.add_runs([kept], source="test")


def test_every_thread_gets_the_same_workbench(tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        opened = set(pool.map(lambda _: wiring.open_workbench(tmp_path / "data"), range(16)))

    assert len(opened) == 1
    opened.pop().store.close()


def test_a_process_has_one_worker_of_its_own_name(workbench: wiring.Workbench):
    worker = wiring.review_worker(workbench, "pages")

    assert worker is wiring.review_worker(workbench, "pages")
    assert worker.name != "pages"


def test_a_store_with_runs_gets_no_sample(workbench: wiring.Workbench):
    keep_a_pattern(workbench)

    assert wiring.load_sample_if_empty(workbench) is None
    assert workbench.store.note("origin") is None


def test_a_sample_that_was_left_half_loaded_is_loaded_anew(workbench: wiring.Workbench):
    keep_a_pattern(workbench)
    workbench.store.set_note("origin", "sample-loading")

    loaded = wiring.load_sample_if_empty(workbench)

    assert loaded is not None
    assert loaded.reviews == workbench.store.review_count()
    assert workbench.store.note("origin") == "sample"
    with pytest.raises(UnknownPatternError):
        workbench.store.pattern(a_hash())


def test_only_a_sample_is_removed(workbench: wiring.Workbench):
    keep_a_pattern(workbench)
    workbench.store.set_note("origin", "import")

    wiring.remove_sample(workbench)
    kept = workbench.store.pattern(a_hash())
    workbench.store.set_note("origin", "sample")
    wiring.remove_sample(workbench)

    assert kept.query_hash == a_hash()
    with pytest.raises(UnknownPatternError):
        workbench.store.pattern(a_hash())


def test_an_import_that_ends_while_the_sample_is_loaded_is_not_taken_for_the_sample(
    workbench: wiring.Workbench,
):
    def import_meanwhile(progress: SampleProgress) -> None:
        if progress.stage is SampleStage.TRIAGE:
            workbench.store.set_note("origin", "import")

    wiring.load_sample_if_empty(workbench, import_meanwhile)

    assert workbench.store.note("origin") == "import"


def test_a_scratch_store_leaves_nothing_behind():
    with wiring.scratch_store() as scratch:
        scratch.set_note("origin", "import")
        assert scratch.note("origin") == "import"


def test_a_threshold_that_no_check_has_is_refused(tmp_path: Path):
    (tmp_path / "workbench.toml").write_text("[thresholds]\nspiled_mb = 5000\n")

    with pytest.raises(SettingError, match="no threshold spiled_mb"):
        wiring.open_workbench(tmp_path)


def test_a_changed_threshold_is_in_force(tmp_path: Path):
    (tmp_path / "workbench.toml").write_text("[thresholds]\nlarge_table_rows = 7\n")

    assert wiring.open_workbench(tmp_path).limits.of(LARGE_TABLE_ROWS) == 7
