"""Tables of others' words: what a data frame holds, made fit to be drawn."""

from typing import Any

import pandas as pd
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype

from backend.domain.visible_text import visible


def cleaned(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with nothing unseen in its texts and lists of texts; numbers and moments stay."""
    texts = {
        name: frame[name].map(_clean_cell)
        for name in frame.columns
        if not _holds_figures(frame[name])
    }
    return frame.assign(**texts) if texts else frame


def _holds_figures(column: "pd.Series[Any]") -> bool:
    return is_numeric_dtype(column) or is_bool_dtype(column) or is_datetime64_any_dtype(column)


def _clean_cell(value: object) -> object:
    match value:
        case str():
            return visible(value)
        case list() | tuple():
            return [_clean_cell(each) for each in value]
        case _:
            return value
