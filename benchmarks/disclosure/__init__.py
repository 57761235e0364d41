"""Disclosure control beside other tools, and how long it takes: see ../README.md."""
