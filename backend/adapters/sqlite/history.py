"""The whole history store in one SQLite file."""

from pathlib import Path

from backend.adapters.sqlite.cluster import SqliteClusterStore
from backend.adapters.sqlite.connection import Connections
from backend.adapters.sqlite.evidence import SqliteEvidenceStore
from backend.adapters.sqlite.jobs import SqliteJobBoard
from backend.adapters.sqlite.patterns import FORGET_MODEL_FORMS
from backend.adapters.sqlite.receipts import SqliteReceiptBook
from backend.adapters.sqlite.recommendations import SqliteRecommendationBook
from backend.adapters.sqlite.reviews import SqliteReviewHistory
from backend.adapters.sqlite.run_history import SqliteRunHistory
from backend.adapters.sqlite.table_book import SqliteTableBook
from backend.adapters.sqlite.table_history import SqliteTableHistory
from backend.adapters.sqlite.workload_reviews import SqliteWorkloadReviews

SELECT_NOTE = "SELECT value FROM note WHERE key = :key"
UPSERT_NOTE = """
    INSERT INTO note (key, value) VALUES (:key, :value)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""
FORGET_ALL = (
    "DELETE FROM run_block",
    "DELETE FROM pattern_day",
    "DELETE FROM day_sheet",
    "DELETE FROM day_bill",
    "DELETE FROM pattern_text",
    "DELETE FROM pattern_timeline",
    "DELETE FROM table_writer",
    "DELETE FROM pattern",
    "DELETE FROM name",
    "DELETE FROM evidence",
    "DELETE FROM lake_day",
    "DELETE FROM warehouse_table",
    "DELETE FROM table_snapshot",
    "DELETE FROM table_event",
    "DELETE FROM advisor_row",
    "DELETE FROM review_case_file",
    "DELETE FROM review",
    "DELETE FROM triage_event",
    "DELETE FROM recommendation",
    "DELETE FROM recommendation_daily",
    "DELETE FROM table_use",
    "DELETE FROM used_table",
    "DELETE FROM advised_table",
    "DELETE FROM table_proposal",
    "DELETE FROM recommendation_standing",
    "DELETE FROM review_job",
    "DELETE FROM outbound_receipt",
    "DELETE FROM lake_table",
    "DELETE FROM materialized_view",
    "DELETE FROM wlm_queue",
    "DELETE FROM cluster_figure",
    "DELETE FROM hour_use",
    "DELETE FROM serverless_hour",
    "DELETE FROM pattern_queue",
    "DELETE FROM table_scan",
    "DELETE FROM workload_review",
    # Whoever is adding runs must notice.
    "DELETE FROM counter WHERE name NOT IN ('cleared', 'runs changed')",
    """INSERT INTO counter (name, value) VALUES ('cleared', 1)
    ON CONFLICT (name) DO UPDATE SET value = value + 1""",
    "DELETE FROM note",
)


class SqliteHistory(
    SqliteRunHistory,
    SqliteEvidenceStore,
    SqliteTableHistory,
    SqliteClusterStore,
    SqliteWorkloadReviews,
    SqliteReviewHistory,
    SqliteRecommendationBook,
    SqliteTableBook,
    SqliteJobBoard,
    SqliteReceiptBook,
):
    """Fulfils HistoryStore; every thread may use it."""

    def __init__(self, connections: Connections, folder: Path) -> None:
        SqliteRunHistory.__init__(self, connections, folder)

    def note(self, key: str) -> str | None:
        with self._connections.reading() as connection:
            row = connection.execute(SELECT_NOTE, {"key": key}).fetchone()
        return None if row is None else str(row["value"])

    def set_note(self, key: str, value: str) -> None:
        with self._connections.writing() as connection:
            connection.execute(UPSERT_NOTE, {"key": key, "value": value})

    def forget_model_forms(self) -> None:
        with self._connections.writing() as connection:
            connection.execute(FORGET_MODEL_FORMS)

    def clear(self) -> None:
        with self._connections.writing() as connection:
            for statement in FORGET_ALL:
                connection.execute(statement)

    def close(self) -> None:
        self._connections.close()


def open_sqlite_history(path: Path) -> SqliteHistory:
    """Makes the file and its folder if they are missing.

    Raises StoreUnavailableError with what to do, or StoreTooNewError.
    """
    return SqliteHistory(Connections(path), path.parent)
