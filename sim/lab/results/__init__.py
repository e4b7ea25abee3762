"""Many trips: rows, the results folder, the sweep and its summary."""
