"""Quantiles are exact while few and close when many."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.elapsed_digest import EXACT_LIMIT, ElapsedDigest

SHARES = (0.0, 0.5, 0.95, 1.0)
elapsed = st.lists(st.integers(1, 10**10), min_size=1, max_size=200)


@given(elapsed)
def test_few_runs_give_the_exact_quantiles(values: list[int]) -> None:
    digest = ElapsedDigest.of(np.array(values, dtype=np.int64))

    measured = digest.quantiles_seconds(SHARES)

    assert digest.is_exact
    assert measured == pytest.approx(np.quantile(np.array(values) / 1e6, SHARES), rel=1e-9)


@given(st.lists(elapsed, min_size=1, max_size=5))
def test_days_merge_to_the_quantiles_of_all_their_runs(days: list[list[int]]) -> None:
    digests = [ElapsedDigest.of(np.array(day, dtype=np.int64)) for day in days]
    together = np.concatenate([np.array(day) for day in days]) / 1e6

    measured = ElapsedDigest.merged(digests).quantiles_seconds(SHARES)

    assert measured == pytest.approx(np.quantile(together, SHARES), rel=1e-9)


def test_many_runs_stay_small_and_within_half_a_per_cent() -> None:
    values = np.random.default_rng(7).lognormal(16, 1.5, 200_000).astype(np.int64)

    digest = ElapsedDigest.of(values)

    assert not digest.is_exact
    assert len(digest.values_us) < 4 * EXACT_LIMIT
    assert sum(digest.counts) == 200_000
    assert digest.quantiles_seconds((0.5, 0.95)) == pytest.approx(
        np.quantile(values / 1e6, (0.5, 0.95)), rel=0.006
    )


def test_no_runs_give_zero() -> None:
    assert ElapsedDigest().quantiles_seconds((0.5,)) == (0.0,)
    assert ElapsedDigest.merged([]).quantiles_seconds((0.95,)) == (0.0,)
