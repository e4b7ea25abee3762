"""What is shown: tables, figures, stories, pages and files for other tools."""
