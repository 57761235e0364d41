"""Watches the product for an operator: how things stand, and who is told when something waits.

What stands in the registers, the retention register and Dagster's history is read here and put into
sentences of counts and ids. Nothing of a row and no figure of a table belongs here, and nothing is
decided.
"""
