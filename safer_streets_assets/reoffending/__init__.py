"""Re-offending: people who completed, followed for a year in what the police sent.

`survival` is plain arithmetic on arrays. Everything else is made only while the source is agreed
and its stage gate is open.
"""
