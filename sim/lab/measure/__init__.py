"""Measures of a trip, the ledger of its time, bounds and statistics."""
