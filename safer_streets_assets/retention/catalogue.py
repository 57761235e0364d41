"""The tables that retention makes in the registers."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.stored_table import ColumnDoc, StoredTable
from safer_streets_assets.stores.table_files import declared_tables

REGISTER = {
    "holding": ColumnDoc("VARCHAR", "Stable name of the holding"),
    "store": ColumnDoc("VARCHAR", "Store it lies in"),
    "what": ColumnDoc("VARCHAR", "What it is"),
    "whereabouts": ColumnDoc("VARCHAR", "Where it lies below the data folder, or the keys"),
    "owner": ColumnDoc("VARCHAR", "Who answers for it in the unit"),
    "source": ColumnDoc("VARCHAR", "Sources it comes from"),
    "controller": ColumnDoc("VARCHAR", "Data controller"),
    "classification": ColumnDoc("VARCHAR", "Protective marking"),
    "article_6": ColumnDoc("VARCHAR", "Lawful basis under Article 6"),
    "article_9": ColumnDoc("VARCHAR", "Condition under Article 9, or N/A"),
    "article_10": ColumnDoc("VARCHAR", "Condition for criminal offence data, or N/A"),
    "processor": ColumnDoc("VARCHAR", "Who gathers it for the controller, or N/A"),
    "dpia_article_6": ColumnDoc("VARCHAR", "What the DPIA's table of the lawful basis says"),
    "dpia_article_9": ColumnDoc("VARCHAR", "The same under Article 9"),
    "dpia_article_10": ColumnDoc("VARCHAR", "The same under Article 10"),
    "open_question": ColumnDoc(
        "VARCHAR", "Where the DPIA and the code differ, until it is answered in the policy"
    ),
    "special_category": ColumnDoc("BOOLEAN", "Whether it holds special category data"),
    "rule": ColumnDoc("VARCHAR", "Rule of the retention schedule"),
    "trigger": ColumnDoc("VARCHAR", "What sets the rule off"),
    "triggered_on": ColumnDoc("DATE", "When it was set off"),
    "due_on": ColumnDoc("DATE", "When it is due"),
    "state": ColumnDoc("VARCHAR", "held, due within N days, due, overdue, erased ..."),
    "row_count": ColumnDoc("BIGINT", "Rows, where rows apply and the store opens"),
    "files": ColumnDoc("BIGINT", "Files that belong to this line alone"),
    "bytes": ColumnDoc("BIGINT", "Bytes of those files"),
}


def stored_tables(policy: Policy) -> Iterator[StoredTable]:
    """The retention register as it was last drawn up, and erasures that were begun."""
    yield StoredTable("registers", "retention_register", "One line a holding", REGISTER)
    yield from declared_tables("retention", "pending_erasures")
