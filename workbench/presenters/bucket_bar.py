"""The five time buckets as one bar: the same order, words and colours on every page."""

from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import quote

from backend.domain.time_buckets import Bucket, TimeBuckets
from workbench.presenters.wording import duration, per_cent

BUCKET_WORDS = {
    Bucket.QUEUE: "Queue",
    Bucket.PLANNING: "Planning",
    Bucket.COMPILE: "Compile",
    Bucket.LOCK_WAIT: "Lock wait",
    Bucket.EXECUTION: "Execution",
}
BUCKET_MEANING = {
    Bucket.QUEUE: "waiting for a slot in the workload queue",
    Bucket.PLANNING: "parsing and planning",
    Bucket.COMPILE: "compiling segments",
    Bucket.LOCK_WAIT: "waiting for a table lock",
    Bucket.EXECUTION: "running the plan",
}
# Streamlit's palette names, and the hex values that .streamlit/config.toml gives them.
BUCKET_COLOUR_NAMES = {
    Bucket.QUEUE: "orange",
    Bucket.PLANNING: "gray",
    Bucket.COMPILE: "violet",
    Bucket.LOCK_WAIT: "red",
    Bucket.EXECUTION: "blue",
}
BUCKET_COLOURS = {
    Bucket.QUEUE: "#d97706",
    Bucket.PLANNING: "#8090a5",
    Bucket.COMPILE: "#8b5cf6",
    Bucket.LOCK_WAIT: "#e04848",
    Bucket.EXECUTION: "#3b7ddd",
}


@dataclass(frozen=True, kw_only=True)
class BucketPart:
    """`box` is Markdown: the colour of this part of the bar."""

    words: str
    meaning: str
    box: str
    seconds_text: str
    share_text: str


@dataclass(frozen=True, kw_only=True)
class BucketBar:
    """`svg` is a bar of the full width without text; `alt` says the same in words."""

    svg: str
    alt: str
    parts: tuple[BucketPart, ...]


def bucket_bar(buckets: TimeBuckets) -> BucketBar:
    parts = tuple(
        BucketPart(
            words=BUCKET_WORDS[bucket],
            meaning=BUCKET_MEANING[bucket],
            box=colour_box(bucket),
            seconds_text=duration(seconds),
            share_text=per_cent(buckets.share(bucket)),
        )
        for bucket, seconds in buckets.as_mapping().items()
    )
    told = ", ".join(f"{part.words} {part.share_text}" for part in parts)
    return BucketBar(
        svg=_svg(buckets, width=1000, height=26, margin=0),
        alt=f"Where the time went: {told}",
        parts=parts,
    )


def bucket_cell(buckets: TimeBuckets) -> str:
    """The bar as a data address for a table's image column."""
    return "data:image/svg+xml;utf8," + quote(
        _svg(buckets, width=140, height=28, margin=8), safe="=/:\" '"
    )


def bucket_legend() -> str:
    """Markdown: a box of each bucket's colour and its name, in the order of the bar."""
    return "Where time goes:&ensp;" + "&emsp;".join(
        f"{colour_box(bucket)} {name.lower()}" for bucket, name in BUCKET_WORDS.items()
    )


def colour_box(bucket: Bucket) -> str:
    """As an image: the text colours of a theme are not those of the bars."""
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg' width='11' height='11'>"
        f"<rect width='11' height='11' rx='2' fill='{BUCKET_COLOURS[bucket]}'/></svg>"
    )
    return f"![](data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})"


def mostly(buckets: TimeBuckets) -> str:
    """`Execution 71 %`: the largest bucket in words."""
    bucket = buckets.dominant
    if bucket is None:
        return "not measured"
    return f"{BUCKET_WORDS[bucket]} {per_cent(buckets.share(bucket))}"


def _svg(buckets: TimeBuckets, *, width: int, height: int, margin: int) -> str:
    left = 0.0
    boxes = []
    for bucket in Bucket:
        wide = buckets.share(bucket) * width
        if wide > 0:
            boxes.append(
                f"<rect x='{left:.1f}' y='{margin}' width='{wide:.1f}' height='{height - 2 * margin}' "
                f"fill='{BUCKET_COLOURS[bucket]}'/>"
            )
        left += wide
    if not boxes:
        boxes.append(
            f"<rect y='{margin}' width='{width}' height='{height - 2 * margin}' "
            "fill='#8090a5' fill-opacity='0.25'/>"
        )
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' "
        f"viewBox='0 0 {width} {height}' preserveAspectRatio='none' shape-rendering='crispEdges'>{''.join(boxes)}</svg>"
    )
