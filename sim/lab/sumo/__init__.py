"""The referee: the same drivers and words in the traffic of SUMO."""
