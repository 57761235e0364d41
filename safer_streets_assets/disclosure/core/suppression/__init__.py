"""Which counts to hide, so that as little as possible is lost. What is chosen here is not trusted:
it is proven beside this room, in `proof`, and by `attacks`, of which nothing is imported here. How
counts are rounded, and how a release is protected from end to end, is told above the rooms.
"""
