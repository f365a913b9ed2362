"""The Streamlit analyst workbench."""
