"""Intake: from files in the landing folder to the raw tables of the restricted store.

What happens to a drop belongs here: looking for it, reading, judging, quarantine, the ledger,
returns to senders, and the sensor. What a row means together with rows of other sources does not:
that begins in `cohort`.
"""
