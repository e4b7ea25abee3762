"""The page in the browser: ``views`` draws with Streamlit what ``model`` works out without it."""
