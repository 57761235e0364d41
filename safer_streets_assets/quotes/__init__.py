"""Quotes: passages of free texts that operators propose and approve, to be printed in a release.

What picks, checks, approves and withdraws a quote belongs here, and what says whether one may be
printed today. Masking does not: `texts` does that. The words themselves stand in the restricted
store alone until a release prints them.
"""
