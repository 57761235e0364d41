"""Re-offending: people who completed, followed for a year in what the police sent.

What is computed of police data belongs here; taking in and linking their rows does not (`intake`,
`cohort`). `survival` is plain arithmetic on arrays. Everything else is made only while the source
is agreed and its stage gate is open.
"""
