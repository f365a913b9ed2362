"""Where the time went: one bar of five parts, and the same in words."""

import streamlit as st

from workbench.presenters.bucket_bar import BucketBar
from workbench.presenters.wording import plain

NO_BREAK = "\u00a0"
"""So that a narrow column keeps the colour beside its word."""


def draw_bucket_bar(bar: BucketBar, caption: str) -> None:
    st.image(bar.svg, width="stretch", alt=bar.alt)
    st.table(
        {
            f"{part.box}{NO_BREAK}{part.words}": (
                f"**{part.share_text}** · {part.seconds_text} · :gray[{part.meaning}]"
            )
            for part in bar.parts
        },
        border="horizontal",
        alt=bar.alt,
    )
    st.caption(plain(caption))
