"""Whatever step of scrubbing fails, and however: nothing of the text gets out."""

import inspect
from collections.abc import Callable, Iterator

import pytest

from backend.sql import (
    like_shape,
    literal_bounds,
    masked_message,
    masked_names,
    personal_data,
    scanner,
    secret_values,
    wrapped,
)
from backend.sql import scrub as scrub_module
from backend.sql.scanner import Stops, StopsOfText
from backend.sql.scrub import mask_text, scrub

CANARY = "quillfeather"
FAULTY_TEXTS = (
    f"select a from t where b like '%{CANARY}' and c in ('{CANARY}', 'b', 'c', 'd')",  # noqa: S608
    f"unload ('select a from t where b = ''{CANARY}''') to 's3://{CANARY}'",  # noqa: S608
    f"insert into t values (1, '{CANARY}', {CANARY}), (2, \"{CANARY}\", 3)",  # noqa: S608
    f"alter user u password '{CANARY}'; alter user u set x to '{CANARY}', {CANARY}",
    f"set x {CANARY} {CANARY}",
    f"select a as \"{CANARY}@mail.example\" from t /* {CANARY} */ where d = E'\\'{CANARY}'",  # noqa: S608
    f'select \'{CANARY}\\\'\', $${CANARY}$$, a as GB29NWBK60161331926819, b as "078051121", "x ’"',
    f"""select a as "{CANARY} 4929-1234-1234-1232", b as "::1 é {"qZ7" * 14}" -- {CANARY}""",
    f"select status from t where b = 'status' and c = '{CANARY}' and d = '::1'",  # noqa: S608
    f"{CANARY} arn:aws:{CANARY} ’ 'status' status {CANARY}@mail.example",
)
FAULTY_MESSAGES = (
    f"invalid input syntax: \"{CANARY}\" of password = {CANARY} `{CANARY} x` '{CANARY}'",
    f"Key (a)=({CANARY}) for {CANARY}@mail.example, é fe80::1 {'qZ7' * 13}q '\\''",
)
MODULES = (
    *(scrub_module, masked_message, masked_names, literal_bounds, secret_values, personal_data),
    *(like_shape, wrapped, scanner),
)
# Entry points, and what others than the scrubber call.
_NO_STEPS = {"scrub", "mask_text", "unescape", "_master", "long_lists", "value_rows", "mask_sure"}

Step = tuple[str, object]


def steps() -> Iterator[Step]:
    """Every function and method of scrubbing."""
    for module in MODULES:
        for name, value in vars(module).items():
            is_own = inspect.isfunction(value) and value.__module__ == module.__name__
            if is_own and name not in _NO_STEPS:
                yield name, value
    for owner in (scrub_module._Masker, Stops, StopsOfText):
        yield from ((name, value) for name, value in vars(owner).items() if callable(value))


def replace_everywhere(step: Step, by: object, monkeypatch: pytest.MonkeyPatch) -> None:
    name, function = step
    for owner in (*MODULES, scrub_module._Masker, Stops, StopsOfText):
        if vars(owner).get(name) is function:
            monkeypatch.setattr(owner, name, by)


class Fault:
    """Stands in for a step and fails as told."""

    def __init__(self, error: Callable[[str], BaseException]) -> None:
        self.error = error
        self.calls = 0

    def __call__(self, *_: object, **__: object) -> object:
        self.calls += 1
        raise self.error(CANARY)


@pytest.mark.parametrize("error", [ValueError, RecursionError, MemoryError, StopIteration])
@pytest.mark.parametrize(
    "step", [pytest.param(step, id=step[0]) for step in steps() if step[1] is not Stops.__init__]
)
def test_where_a_step_fails_nothing_of_the_text_gets_out(
    step: Step, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = Fault(error)
    replace_everywhere(step, fault, monkeypatch)

    for text in FAULTY_TEXTS:
        calls = fault.calls
        answer = scrub(text)
        assert CANARY not in repr(answer).lower()
        if fault.calls > calls:
            assert answer.text is None
            assert answer.withheld_reason
    for text in FAULTY_MESSAGES:
        calls = fault.calls
        masked = mask_text(text)
        assert CANARY not in masked.lower()
        if fault.calls > calls:
            assert masked == "?"
    assert fault.calls
