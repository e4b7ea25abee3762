"""Decisions of the guard as tables, and the stories that stand for them."""
