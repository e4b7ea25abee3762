"""What the pages show, as plain data: no Streamlit here, so it is tested without a browser."""
