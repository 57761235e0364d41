"""Records: what stands in the registers for good, and what operators decided and said there.

Here belong certificates with their chain, erasures left open, publications, the conclusion,
exceptions, what is taken back, and the clock as it was last seen. What lies on disk (`holdings`),
and anything that erases, does not: a record is written and read, and acts on nothing.
"""
