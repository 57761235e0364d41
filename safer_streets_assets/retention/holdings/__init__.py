"""Holdings: what is held, where it lies, and until when: the retention register.

Here belong the inventory of the data folder, sealed files that lie in it for a time (bundles,
erasures that were asked for or have begun), the rules and clocks of the schedule, each line of the
register, and what an operator may decide about one. What erases is not here (`erasure`).
"""
