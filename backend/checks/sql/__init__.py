"""How the statement is written, where that costs measured time."""

from backend.checks.check import Check
from backend.checks.sql.function_on_sort_key import function_on_sort_key
from backend.checks.sql.select_star import select_star

CHECKS: tuple[Check, ...] = (
    function_on_sort_key,
    select_star,
)
