"""The workbench's entry: `streamlit run workbench/app.py`, from any folder."""

import streamlit as st

from workbench import serving, unexpected

serving.insist()
# Streamlit looks for this very call in this file to know that it is an app and no script.
app = st.App("script.py", middleware=serving.middleware(), on_script_error=unexpected.show)
