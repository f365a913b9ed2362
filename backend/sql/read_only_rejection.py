"""Why a statement is not explained on the cluster: one class a reason, each a sentence."""

from enum import StrEnum


class Rejection(StrEnum):
    """What the guard holds against a statement. The sentence never quotes the statement."""

    EMPTY = "It is empty."
    TOO_LONG = "It is longer than 64 KB."
    CONTROL_CHARACTERS = "It holds control characters, or characters that cannot be seen."
    CUT_OFF = "It breaks off inside a string, a quoted name or a comment."
    NESTED_COMMENT = "It holds a comment inside a comment, which not every reader ends alike."
    BACKSLASH = "It reads differently with and without backslash escapes."
    UNICODE_ESCAPES = "It holds a string or a name with Unicode escapes."
    PLACEHOLDER = "It holds placeholders instead of values, so Redshift could not plan it."
    EXPLAIN = "It begins with EXPLAIN, which the workbench adds by itself."
    SEVERAL_STATEMENTS = "It holds more than one statement."
    NOT_A_SELECT = "It is no SELECT, nor a WITH that ends in one."
    INTO = "It holds INTO, which writes a table."
    WRITES = "It holds a command that changes data or the session."
    LOCKS = "It locks rows."
    FUNCTION = "It calls a function that is not on the list of those that only read."
    FOREIGN_FUNCTION = "It calls a function of a schema other than pg_catalog."
    TOO_DEEP = "It is nested too deeply."
    NOT_READ = "It cannot be read as a Redshift statement."
    UNKNOWN_CLAUSE = "It holds a clause that is not on the list of those that only read."
    NOT_CHECKED = "It could not be checked."


class RejectedError(Exception):
    """`function_name` is a plain name, where one is to blame."""

    def __init__(self, rejection: Rejection, function_name: str = "") -> None:
        self.rejection = rejection
        self.function_name = function_name
        super().__init__(rejection)
