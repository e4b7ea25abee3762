"""The guard: decides on every proposal by an ordered list of rules, and fails closed."""
