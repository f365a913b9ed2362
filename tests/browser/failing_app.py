"""The failing page, served as the workbench's own pages are."""

import streamlit as st

from workbench import serving, unexpected

serving.insist()
app = st.App("failing_script.py", middleware=serving.middleware(), on_script_error=unexpected.show)
