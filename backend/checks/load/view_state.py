"""When a materialized view counts as broken."""

from backend.domain.threshold import AWS_GUIDE, Threshold

BROKEN_STATE = Threshold(
    name="view_broken_state",
    default=100,
    unit="",
    meaning="a view whose state of SVV_MV_INFO is above it can no longer be refreshed",
    source=f"{AWS_GUIDE}, r_SVV_MV_INFO: 101 to 105",
)
