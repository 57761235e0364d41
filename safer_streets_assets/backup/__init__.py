"""Backup and restore of the data folder; what was erased since the backup is erased again."""
