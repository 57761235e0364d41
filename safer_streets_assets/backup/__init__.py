"""Backup and restore of the data folder.

What makes a backup, what checks one, and what brings one back belongs here. What was erased since
the backup is erased again in the copy; how something is erased does not belong here but in
`retention`.
"""
