"""The player of a trip: one script, and the page around it."""
