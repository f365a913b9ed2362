"""What happened in the sample's four weeks, counted back from its last day.

- fourth day before: segments were dropped and rebuilt by a CREATE TABLE AS that left out their
  distribution key, and grew 40-fold without ANALYZE: the planner now broadcasts them;
- eighth day before: a backfill inserted inventory out of order, so zone maps no longer help;
- eleventh day before, early: a shipment backfill floods the loads queue, and all others wait;
- sixteenth day before: the cluster moves to the next version; everything compiles anew, nothing
  gets slower;
- every night: deliveries are written while old shipments are still being deleted.
"""

from datetime import date, timedelta

from backend.sample.schedule import HOUR_US, day_start_us

SEGMENTS_REBUILT_DAYS_BEFORE = 4
SEGMENTS_REBUILT_AT = (2, 5)
INVENTORY_BACKFILLED_DAYS_BEFORE = 8
INVENTORY_BACKFILLED_AT = (2, 50)
STORM_DAYS_BEFORE = 11
VERSION_CHANGE_DAYS_BEFORE = 16
OLD_VERSION = "Redshift 1.0.118420"
NEW_VERSION = "Redshift 1.0.119077"


def storm_day(last_day: date) -> date:
    """A workday: at weekends nobody would notice."""
    day = last_day - timedelta(days=STORM_DAYS_BEFORE)
    return day - timedelta(days=max(0, day.weekday() - 4))


def storm_us(last_day: date) -> tuple[int, int]:
    """The morning on which runs wait: start and end."""
    midnight = day_start_us(storm_day(last_day))
    return midnight + 7 * HOUR_US, midnight + int(8.4 * HOUR_US)


def version_change_us(last_day: date) -> int:
    return day_start_us(last_day - timedelta(days=VERSION_CHANGE_DAYS_BEFORE)) + 4 * HOUR_US


def segments_rebuilt_us(last_day: date) -> int:
    """When the statement that makes them anew starts; its jitter is less than a minute."""
    hour, minute = SEGMENTS_REBUILT_AT
    midnight = day_start_us(last_day - timedelta(days=SEGMENTS_REBUILT_DAYS_BEFORE))
    return midnight + hour * HOUR_US + minute * 60_000_000
