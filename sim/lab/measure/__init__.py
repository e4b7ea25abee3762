"""What a trip is worth: measures, ledger of delay, bounds and statistics."""
