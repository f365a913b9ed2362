"""All statements of the sample, with their texts."""

from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from string import Template
from zlib import crc32

import numpy as np

from backend.sample.analysts import ANALYST_PATTERNS
from backend.sample.back_office import BACK_OFFICE_PATTERNS
from backend.sample.dashboards import DASHBOARD_PATTERNS
from backend.sample.lake_patterns import LAKE_PATTERNS
from backend.sample.literals import literal_values
from backend.sample.loads import LOAD_PATTERNS
from backend.sample.sample_pattern import SamplePattern
from backend.sample.schedule import DAYS
from backend.sample.shop_screens import SCREEN_PATTERNS

SAMPLE_PATTERNS: tuple[SamplePattern, ...] = (
    *DASHBOARD_PATTERNS,
    *SCREEN_PATTERNS,
    *ANALYST_PATTERNS,
    *LOAD_PATTERNS,
    *LAKE_PATTERNS,
    *BACK_OFFICE_PATTERNS,
)
SEED = 20_261


def generator_for(pattern: SamplePattern, purpose: str) -> np.random.Generator:
    """The same numbers for the same pattern and purpose, whatever else the sample holds."""
    return np.random.default_rng([SEED, crc32(f"{pattern.name}/{purpose}".encode())])


@cache
def statement_template(name: str) -> Template:
    return Template((files(__package__) / "statements" / f"{name}.sql").read_text("utf-8").rstrip())


def statement_texts(pattern: SamplePattern, last_day: date) -> list[str]:
    """Every text that the pattern's runs use: one a day, or a pool spread over the days."""
    template = statement_template(pattern.name)
    rng = generator_for(pattern, "literals")
    count = pattern.variants or DAYS
    first_day = last_day - timedelta(days=DAYS - 1)
    days = (first_day + timedelta(days=position * DAYS // count) for position in range(count))
    return [template.substitute(literal_values(rng, day)) for day in days]
