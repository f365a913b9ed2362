"""The workbench's entry: `streamlit run workbench/app.py`."""

from workbench import navigation

navigation.run()
