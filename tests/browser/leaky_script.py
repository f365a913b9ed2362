"""A page that forgets the rule: what its address says is drawn as Markdown."""

import streamlit as st

st.markdown(st.query_params.get("said", ""), unsafe_allow_html=True)
st.title("Drawn", anchor=False)
