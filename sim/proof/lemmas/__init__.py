"""Lemmas about the shipped formulas, proved by two solvers."""
