"""The tables of disclosure control: aggregates, what protects them, and what no release tells."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.stored_table import ColumnDoc, StoredTable

SUMMARY_COLUMNS = {
    "table_name": ColumnDoc("VARCHAR", "Published table"),
    "cells": ColumnDoc("BIGINT", "Counts of the table, margins included"),
    "suppressed_primary": ColumnDoc("BIGINT", "Hidden because they, or a difference, are small"),
    "suppressed_secondary": ColumnDoc("BIGINT", "Hidden to protect others"),
    "verdict": ColumnDoc("VARCHAR", "proven, or why the table is withheld or not made"),
    "headline": ColumnDoc("VARCHAR", "Why headline figures are hidden; empty where none is"),
    "row_order": ColumnDoc("BIGINT", "Order of the rows"),
}
_SECRETS = {
    "number": ColumnDoc("INTEGER", "Number of the release"),
    "not_monotone": ColumnDoc("JSON", "Which counts fell since an earlier release"),
    "witnesses": ColumnDoc("JSON", "The counts, and what the proof of their protection rests on"),
}


def stored_tables(policy: Policy) -> Iterator[StoredTable]:
    """Three schemas of the research store, whose tables have the columns that `tables.yaml` gives
    them, and the secrets of each release in the restricted store."""
    yield StoredTable("research", "aggregates.*", "Tables of counts, before protection")
    yield StoredTable(
        "research", "coarser_aggregates.*", "The same at the coarser levels of their dimensions"
    )
    yield StoredTable("research", "protected.*", "Tables of counts as a release prints them")
    yield StoredTable(
        "restricted",
        "release_secrets",
        "What a release must not tell: the counts behind it, and the evidence of its protection",
        _SECRETS,
    )
