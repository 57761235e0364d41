"""Traces: how something of a person would be known again, in a text, a table or a file.

Here belong fingerprints of what is erased, the product's own words that prove nothing, blotting
identifiers out of a text, and reading everything back to look. Which rows are whose, and the
erasing itself, do not (`erasure`).
"""
