"""The report of a release, for people: one page made from its printed tables and nothing else.

What is said and shown to a reader belongs here: sentences, pictures, data tables, and the page that
lists all releases. What may be printed is decided before; nothing here reads a store.
"""

from safer_streets_assets.release.report.index import INDEX, write_index
from safer_streets_assets.release.report.page import REPORT, report_page

__all__ = ["INDEX", "REPORT", "report_page", "write_index"]
