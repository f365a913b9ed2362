"""The workbench over a store whose reads take a while, as on a busy disk."""

import time
from dataclasses import replace

from backend import wiring
from workbench import navigation

READING_SECONDS = 4.0
SLOW_READS = {"rank_patterns", "ranked_pattern", "recommendation_count", "daily_seconds"}


class SlowHistory:
    def __init__(self, store):
        self._store = store

    def __getattr__(self, name):
        read = getattr(self._store, name)
        if name not in SLOW_READS:
            return read

        def late(*args, **named):
            time.sleep(READING_SECONDS)
            return read(*args, **named)

        return late


real = wiring.open_workbench()
is_slow = isinstance(real.store, SlowHistory)
slow = real if is_slow else replace(real, store=SlowHistory(real.store))
wiring.open_workbench = lambda *_: slow
navigation.run()
