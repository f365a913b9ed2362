"""Texts that try to be more than text, by the place that would act on them.

`{canary}` stands for an address of this machine that must never be asked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any
from zlib import crc32

TAGS = "".join(chr(0xE0000 + ord(letter)) for letter in "![x](http://evil.test)")
PAYLOADS: Mapping[str, tuple[str, ...]] = {
    "markdown": (
        "![x]({canary}/image)",
        "[![x]({canary}/linked)]({canary}/link)",
        "![x][r]\n\n[r]: {canary}/reference",
        "<{canary}/autolink>",
        "{canary}/bare www.evil.test mailto:a@evil.test a@evil.test",
        "[click](javascript:window.__ran=1) [data](data:text/html,<script>window.__ran=1</script>)",
        "# head\n> quote\n- [ ] task\n\n| a | b |\n|---|---|\n| ![x]({canary}/cell) | 2 |",
        "`code` **bold** _it_ ~~no~~ --- 1. one [^1]\n\n[^1]: note ![x]({canary}/note)",
    ),
    "html": (
        '<img src="{canary}/img" onerror="window.__ran=1">',
        "<script>window.__ran=1;fetch('{canary}/script')</script>",
        '<iframe src="{canary}/frame" srcdoc="<script>parent.__ran=1</script>"></iframe>',
        "<style>@import url('{canary}/style'); * {{background: url({canary}/css)}}</style>",
        '<svg onload="window.__ran=1"><image href="{canary}/svg"/></svg>',
        '<a href="{canary}/a" ping="{canary}/ping">a</a><base href="{canary}/">',
        '<link rel="stylesheet" href="{canary}/sheet"><meta http-equiv="refresh" content="0">',
        '"><img src=x onerror=alert(1)><details open ontoggle=alert(1)>',
        "&lt;img src={canary}/entity&gt; &#60;script&#62;window.__ran=1&#60;/script&#62;",
    ),
    "streamlit": (
        ":material/home: :red[red] :blue-background[b] :small[s] :badge[x] :shortcode: :smile:",
        ":image[{canary}/directive] :link[x]{{href={canary}/d}} ::leaf{{src={canary}/leaf}}",
        ":streamlit: :primary[p] -> <- <-> -- >= <= ~=",
    ),
    "latex": ("$\\frac{{1}}{{2}}$ $$x^2$$ \\(a\\) $\\href{{{canary}/tex}}{{x}}$",),
    "plotly": (
        '<a href="{canary}/plotly">p</a><b>b</b><br><span style="color:red">s</span>',
        "%{{customdata}} %{{x}}<extra></extra> $\\alpha$",
    ),
    "vega": ("datum['x'] {{\"signal\": \"1\"}} image: {canary}/vega.png",),
    "unseen": (
        "\x1b[31mred\x1b[0m \x1b]8;;{canary}/osc\x1b\\link\x1b]8;;\x1b\\ \x9b2J \x1bc",
        "abc\x00def\x07\x08\x7f\r over",
        "user\u202egnp.exe\u202c \u2066x\u2069 \u200fy\u200e \u061c",
        "ze\u200bro\u200c wi\u200ddth\u2060 \ufeff so\u00adft",
        "tag" + TAGS + "ged v\ufe0fs\U000e0101s \u3164\u115f\uffa0\u2800",
        "line\u2028para\u2029graph\x85next",
    ),
    "long": ("W" * 3_000, "a" * 400 + "/" + "b" * 400),
    "slack": (
        "<!channel> <!here> <@U012AB3CD> <{canary}/slack|click> *bold* _it_ ~no~ &lt;",
        "<#C024BE7LR|general> <!subteam^SAZ94GDB8> <!date^1392734382^{{date}}^{canary}/d|x>",
    ),
    "csv": (
        "=HYPERLINK(\"{canary}/csv\",\"x\")",
        "=cmd|' /C calc'!A0",
        "@SUM(1+1)",
        "+1+1",
        "-1+1",
        "\t=1+1",
        " \ufeff=1+1",
        "＝1+1",
    ),
}  # fmt: skip

KEYS = frozenset(
    {
        *("kind", "query_hash", "recommendation_id", "recommendation_ids", "job_id"),
        *("plan_hash", "plan_hashes", "steps_hashes", "fast_hash", "slow_hash", "native_hashes"),
        *("writing_patterns", "dominant_bucket"),
    }
)
"""Fields by which things are found: they hold hashes and our own words."""


def payloads(canary: str = "http://evil.test", *sinks: str) -> Iterator[str]:
    """Of the sinks named, else of all."""
    for sink in sinks or PAYLOADS:
        for text in PAYLOADS[sink]:
            yield text.format(canary=canary)


class Poison:
    """Puts a payload in front of every text, the same one before the same text each time."""

    def __init__(self, canary: str) -> None:
        self._payloads = tuple(payloads(canary))

    def text(self, text: str) -> str:
        return f"{self._payloads[crc32(text.encode()) % len(self._payloads)]} {text}"

    def all_of(self, value: Any) -> Any:
        """A copy of the dataclass, tuple or text with every text in it poisoned."""
        if is_dataclass(value) and not isinstance(value, type):
            kept = {each.name for each in fields(value) if each.name in KEYS or not each.init}
            return replace(
                value,
                **{
                    each.name: self.all_of(getattr(value, each.name))
                    for each in fields(value)
                    if each.name not in kept
                },
            )
        if type(value) is str:
            return self.text(value)
        if type(value) in {tuple, list}:
            return type(value)(self.all_of(each) for each in value)
        return value
