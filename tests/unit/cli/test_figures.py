import pytest

from backend.cli.figures import counted, duration


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 ms"),
        (0.0123, "12 ms"),
        (12.34, "12.3 s"),
        (250, "4 min 10 s"),
        (3_599.6, "1 h 0 min"),
        (11_100, "3 h 5 min"),
        (187_200, "2 d 4 h"),
    ],
)
def test_durations_have_two_units_at_most(seconds: float, shown: str):
    assert duration(seconds) == shown


def test_one_is_singular():
    assert counted(1, "run") == "1 run"
    assert counted(1_200, "run") == "1,200 runs"
