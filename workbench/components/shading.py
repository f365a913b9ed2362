"""Rows of a table that stand out."""

from collections.abc import Set

import pandas as pd


def shaded(row: "pd.Series[str]", rows: Set[int | None], style: str) -> list[str]:
    """For pandas, row by row: `style` on those named by their place."""
    return [style if row.name in rows else ""] * len(row)
