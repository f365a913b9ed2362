"""`make bench`: every bench in turn, then all figures as one table and one JSON file.

`make bench ARGS="review fingerprint"` runs only these.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

FOLDER = Path(__file__).parent
JSON_FILE = FOLDER.parents[1] / "build" / "bench.json"


def main() -> None:
    names = sys.argv[1:] or sorted(
        path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py")
    )
    figures: dict[str, object] = {}
    failed: list[str] = []
    for name in names:
        print(f"\n{name} …", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", f"tests.bench.bench_{name}"],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            failed.append(name)
        else:
            figures[name] = _json_at_the_end(done.stdout)
    JSON_FILE.parent.mkdir(exist_ok=True)
    JSON_FILE.write_text(json.dumps(figures, indent=2), encoding="utf-8")
    lines = list(_lines(figures))
    width = max((len(name) for name, _ in lines), default=0)
    print()
    for name, value in lines:
        print(f"{name:<{width}}  {value}")
    print(f"\nThe same as JSON: {JSON_FILE}")
    if failed:
        sys.exit(f"These benches failed: {', '.join(failed)}")


def _json_at_the_end(text: str) -> object:
    """Benches print what they like, and their figures as JSON at last."""
    for at in (position for position, letter in enumerate(text) if letter == "{"):
        try:
            return json.loads(text[at:])
        except ValueError:
            continue
    return text.strip()


def _lines(figures: object, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(figures, Mapping):
        for key, value in figures.items():
            yield from _lines(value, f"{name} · {key}" if name else str(key))
    elif isinstance(figures, list):
        for position, value in enumerate(figures):
            yield from _lines(value, f"{name} · {position}")
    elif isinstance(figures, float):
        yield name, f"{figures:,.3f}" if abs(figures) < 100 else f"{figures:,.0f}"
    else:
        yield name, f"{figures:,}" if isinstance(figures, int) else str(figures)


if __name__ == "__main__":
    main()
