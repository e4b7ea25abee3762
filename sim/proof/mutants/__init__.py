"""Mutation testing of guard and reader."""
