"""A review under way: drawn again every second until it ends."""

import streamlit as st

from workbench import session
from workbench.presenters.review_progress import ReviewProgress, review_progress
from workbench.presenters.wording import plain

POLL_SECONDS = 1.0


def draw_review_job(query_hash: str) -> None:
    """Nothing where no review was asked for; the failed one says what to do."""
    job = session.latest_job(query_hash)
    if job is None:
        return
    progress = review_progress(job, session.now())
    if progress.is_active:
        _poll(query_hash)
    elif progress.state == "error":
        st.error(
            "Nothing was changed by it. Ask for the review again; if it fails again, run "
            "`workbench doctor` to see what is wrong.",
            title=plain(progress.title),
            icon=":material/error:",
        )


@st.fragment(run_every=POLL_SECONDS)
def _poll(query_hash: str) -> None:
    job = session.latest_job(query_hash)
    if job is None or not job.is_active:
        session.forget_reads()
        st.rerun()
    _draw(review_progress(job, session.now()))


def _draw(progress: ReviewProgress) -> None:
    with st.status(plain(progress.title), expanded=True):
        st.progress(progress.share)
        for stage in progress.stages:
            st.markdown(f"{stage.icon} {plain(stage.words)}")
