"""A document that fits: of one that is too long the least telling lines go, and it says so."""

from collections import Counter
from collections.abc import Sequence

from backend.panel.outbound.document import Line
from backend.panel.outbound.write_lines import json_line

_FOR_THE_NOTE = 600


def fitted(lines: Sequence[Line], most_bytes: int) -> list[Line]:
    """The lines of the lowest ranks in their order; at the end a line that counts the others."""
    sizes = [len(json_line(line.tree).encode()) + 1 for line in lines]
    if sum(sizes) <= most_bytes:
        return list(lines)
    room = most_bytes - _FOR_THE_NOTE
    kept = set()
    for place in sorted(range(len(lines)), key=lambda place: (lines[place].rank, place)):
        if sizes[place] <= room:
            kept.add(place)
            room -= sizes[place]
    left_out = Counter(line.group for place, line in enumerate(lines) if place not in kept)
    note = Line(
        group="left_out",
        tree={"left_out_for_length": dict(sorted(left_out.items()))},
    )
    return [*(lines[place] for place in sorted(kept)), note]
