"""From which column of which source each published column comes.

What is read from the text of queries and from what stages declare of their tables belongs here.
What is read from rows does not: lineage is of the policy and the code, the same for any drop.
"""
