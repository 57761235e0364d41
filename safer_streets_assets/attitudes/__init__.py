"""Attitude scores and change scores: pure functions on data frames, for a notebook too.

The stage gate is enforced by whoever calls these; nothing here decides whether one is open.
"""
