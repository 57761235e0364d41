"""Free text for researchers: a redacted copy, in which whoever E&I holds is masked and counted.

What finds and masks identifiers in what people wrote belongs here. Finding names does not: the one
matcher of `intake` does that, for anonymous material as well.
"""
