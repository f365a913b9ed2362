"""Literals for the sample's statements: names, addresses and numbers, none of them anyone's."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np

FIRST_NAMES = ("Ingrun", "Torvel", "Maribet", "Osvin", "Lenka", "Darioz", "Yselle", "Padrig",
               "Semra", "Kjetta", "Aurelin", "Bexley")  # fmt: skip
LAST_NAMES = ("Solfjell", "Vantreight", "Okonwell", "Brackenmoor", "d'Arcelle", "Hallorsen",
              "Quillfeather", "Zamorra-Lind", "Petrossian-Vale", "Underhollow")  # fmt: skip
CATEGORIES = ("tents", "packs", "boots", "jackets", "stoves", "climbing", "paddling", "skis",
              "sleeping_bags", "lanterns")  # fmt: skip
REGIONS = ("Nordvest", "Coast", "Highlands", "Lakes", "Metro North", "Delta")
COUNTRIES = ("NO", "SE", "DK", "FI", "DE", "NL")
CURRENCIES = ("NOK", "SEK", "DKK", "EUR")
WORDS = ("ridge", "fjord", "summit", "drift", "ember")


def literal_values(rng: np.random.Generator, day: date) -> Mapping[str, str]:
    """One value for each `$name` that a statement may use, for a run on `day`."""
    first_name, last_name = _one(rng, FIRST_NAMES), _one(rng, LAST_NAMES)
    mail_name = f"{first_name}.{last_name}".lower().replace("'", "")
    ids = rng.integers(1_000_000, 47_000_000, size=int(rng.integers(3, 14)))
    return {
        "access_key": "EXAMPLEKEY" + _digits(rng, 10),
        "amount": str(rng.integers(20, 900)),
        "card": _card_like_number(rng),
        "categories": ", ".join(f"'{name}'" for name in _several(rng, CATEGORIES)),
        "category": _one(rng, CATEGORIES),
        "cohort": f"c{day:%Y%m}",
        "country": _one(rng, COUNTRIES),
        "currency": _one(rng, CURRENCIES),
        "customer_id": str(ids[0]),
        "customer_ids": ", ".join(str(number) for number in ids),
        "day": day.isoformat(),
        "email": f"{mail_name}@mail.northlight.example",
        "hour": f"{rng.integers(0, 24):02d}",
        # Doubled quotes, as a careful client sends them.
        "last_name": last_name.replace("'", "''"),
        "minimum": str(rng.integers(20, 200)),
        "month_ago": (day - timedelta(days=30)).isoformat(),
        "person": f"{first_name} {last_name}".replace("'", "''"),
        "postal_code": _digits(rng, 4),
        "quarter_ago": (day - timedelta(days=91)).isoformat(),
        "region": _one(rng, REGIONS),
        "secret_key": "example/secret/" + _digits(rng, 25),
        "sku": f"NL-{_digits(rng, 3)}-{_digits(rng, 4)}",
        "store_id": str(rng.integers(1, 643)),
        "ticket": str(rng.integers(10_000, 99_999)),
        "two_years_ago": (day - timedelta(days=730)).isoformat(),
        "week_ago": (day - timedelta(days=7)).isoformat(),
        "word": _one(rng, WORDS),
    }


def _one(rng: np.random.Generator, names: Sequence[str]) -> str:
    return names[int(rng.integers(0, len(names)))]


def _several(rng: np.random.Generator, names: Sequence[str]) -> list[str]:
    count = int(rng.integers(2, len(names)))
    return [names[position] for position in sorted(rng.permutation(len(names))[:count].tolist())]


def _digits(rng: np.random.Generator, count: int) -> str:
    return "".join(str(digit) for digit in rng.integers(0, 10, size=count).tolist())


def _card_like_number(rng: np.random.Generator) -> str:
    """Sixteen digits whose check digit is wrong on purpose: nobody's card can have it."""
    body = "4000" + _digits(rng, 11)
    doubled = [int(digit) * (2 - position % 2) for position, digit in enumerate(body)]
    right = -sum(value // 10 + value % 10 for value in doubled) % 10
    number = body + str((right + 1 + int(rng.integers(0, 9))) % 10)
    return " ".join(number[start : start + 4] for start in range(0, 16, 4))
