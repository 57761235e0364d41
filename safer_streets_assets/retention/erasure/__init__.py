"""Erasure: how something goes, from its intent on disk to a certificate or an open erasure.

Here belong the two ways of erasing, each of which is finished from wherever it was killed: holdings
that are due (`beginning`, `carrying_out`), and a drop, a person or what is no longer agreed
(`planning`, `on_request`), with the checks that it is gone. When something is to go does not
belong here: that is decided above (`enforcement`) or by a command.
"""
