"""The pages themselves: the only code that calls Streamlit."""
