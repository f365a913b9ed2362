"""A page that fails in each way that Streamlit knows, with an error that says too much."""

import streamlit as st

from tests.secrets_in_errors import MESSAGE


def fail() -> None:
    raise RuntimeError(MESSAGE)


@st.fragment
def part() -> None:
    if st.button("Fail in a part"):
        fail()


st.title("Failing", anchor=False)
st.button("Fail in a callback", on_click=fail)
part()
if st.query_params.get("fail"):
    fail()
