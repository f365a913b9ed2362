"""What a name means at one place of a statement, as far as the statement itself tells."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Columns:
    """Names that a query or table gives to its reader; `is_open` if it may have more."""

    places: dict[str, str] = field(default_factory=dict)
    is_open: bool = False


BASE_TABLE = Columns(is_open=True)


def renamed_columns(columns: Columns | None, names: list[str]) -> Columns:
    """`AS x (a, b)` gives the first columns new names."""
    places = {name: f"o{number}" for number, name in enumerate(names, start=1)}
    return Columns(places, is_open=columns is not None and columns.is_open)


@dataclass(frozen=True)
class Source:
    """Something in a FROM clause under its canonical name."""

    name: str
    columns: Columns


@dataclass
class Scope:
    """What names mean inside one query; `outer` is set where it may be correlated."""

    outer: "Scope | None" = None
    withs: dict[str, Source] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    are_aliases_first: bool = False

    def detached(self) -> "Scope":
        """For a query that stands in FROM or WITH: it sees the WITH queries, not the sources."""
        return Scope(withs=dict(self.withs))

    def inside(self) -> "Scope":
        """For a query within an expression: it may be correlated."""
        is_outer = bool(self.sources) or self.outer is not None
        return Scope(outer=self if is_outer else None, withs=dict(self.withs))

    def beside(self) -> "Scope":
        """For one side of a UNION and its kin."""
        return Scope(outer=self.outer, withs=dict(self.withs))

    def column(self, name: str) -> str:
        if self.are_aliases_first and name in self.aliases:
            return self.aliases[name]
        place = self.own_column(name)
        if place is None:
            return self.aliases.get(name) or self.outer_column(name)
        return place

    def own_column(self, name: str) -> str | None:
        for source in self.sources.values():
            if name in source.columns.places:
                return f"{source.name}.{source.columns.places[name]}"
        return None

    def outer_column(self, name: str) -> str:
        if any(source.columns.is_open for source in self.sources.values()):
            is_only = len(self.sources) == 1 and self.outer is None
            return f"{next(iter(self.sources.values())).name}.{name}" if is_only else f".{name}"
        if self.outer is None:
            return f".{name}"
        return self.outer.own_column(name) or self.outer.outer_column(name)

    def source(self, name: str) -> Source | None:
        found = self.sources.get(name)
        return found or (self.outer.source(name) if self.outer else None)
