"""What callers hand in: how tables are made, their counts, what is printed of them, and whether
each is consistent in itself. Nothing here knows of an equation over several tables, of a solver, of
what is to be hidden, or of an attacker. All other rooms rest on this one.
"""
