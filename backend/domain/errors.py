"""What can go wrong, as sentences that say what to do."""


class WorkbenchError(Exception):
    """The slow-query workbench could not finish what was asked."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())

    @property
    def message(self) -> str:
        return str(self.args[0])


class UnusableInputError(WorkbenchError):
    """The input cannot be used as it is."""


class BadExportError(UnusableInputError):
    """A file of the export cannot be read."""

    def __init__(
        self,
        problem: str,
        *,
        file_name: str,
        row_number: int | None = None,
        column_name: str | None = None,
    ) -> None:
        self.problem = problem
        self.file_name = file_name
        self.row_number = row_number
        self.column_name = column_name
        place = [file_name]
        if row_number is not None:
            place.append(f"row {row_number:,}")
        if column_name is not None:
            place.append(f"column {column_name}")
        super().__init__(f"{', '.join(place)}: {problem}")


class NotAPlanError(UnusableInputError):
    """The text is not a Redshift query plan."""


class NotFoundError(WorkbenchError):
    """Nothing is stored under this key."""


class UnknownPatternError(NotFoundError):
    """No pattern with this query hash is stored. List the known ones with `workbench patterns`."""

    def __init__(self, query_hash: str) -> None:
        self.query_hash = query_hash
        super().__init__(
            f"No pattern {query_hash} is stored. List the known ones with `workbench patterns`."
        )


class UnknownRecommendationError(NotFoundError):
    """No recommendation with this id is stored."""


class UnknownTableError(NotFoundError):
    """No pattern with this table is stored. List the known ones with `workbench tables`."""


class UnknownJobError(NotFoundError):
    """No review job with this id is stored."""


class BadCursorError(UnusableInputError):
    """The page cursor is not one that this store gave out. Start again without a cursor."""


class TriageConflictError(WorkbenchError):
    """Someone else changed this recommendation meanwhile. Reload it and decide again."""


class TriageNotAllowedError(UnusableInputError):
    """A recommendation cannot go from its present state to this one."""


class StoreUnavailableError(WorkbenchError):
    """The history store cannot be opened."""


class StoreTooNewError(StoreUnavailableError):
    """The store was written by a newer version of the workbench. Upgrade the workbench."""
