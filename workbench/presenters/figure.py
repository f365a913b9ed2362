"""A number at the head of a page."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Figure:
    label: str
    value: str
    help: str = ""
