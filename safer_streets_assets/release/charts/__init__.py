"""Charts of a release: each made from one printed table and nothing else, as SVG and as a page.

What a table does not print cannot be in its chart: nothing here reads a store.
"""
