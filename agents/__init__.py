"""Everything that may speak; it knows the contract and the map, nothing else."""
