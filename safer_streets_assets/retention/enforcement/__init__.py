"""Enforcement: what is done to a data folder as days pass, and as its policy changes.

Here belong what starts an erasure or goes before other work: the day's enforcement of the schedule,
erasures whose day has come, bringing the stores to the policy, the checks before an intake, and new
keys, for which all that was begun is finished first. How something is erased does not (`erasure`).
"""
