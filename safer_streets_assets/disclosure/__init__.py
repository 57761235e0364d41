"""Disclosure control of the published tables: counting, protecting, and attacking them.

What joins the policy's tables to the disclosure core belongs here: aggregates, levels, links,
statistics. The mathematics of hidden counts is in `core`, which knows nothing of this project. What
writes files does not belong here but in `release`.
"""
