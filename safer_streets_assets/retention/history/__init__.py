"""History: what Dagster's own history keeps of runs, and pruning it.

Here belong what of it is to go, by the policy's period or after an erasure, and the pruning. Stores
and files of the data folder do not (`erasure`); nor do the jobs that call this (`retention.jobs`).
"""
