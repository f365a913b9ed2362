"""What Streamlit runs for every visitor; `app.py` serves it."""

from workbench import navigation

navigation.run()
