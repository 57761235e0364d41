"""The page on the stores: each table that they hold, as the catalogue declares it."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.documentation.markdown import code, sentence, table_lines
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import STORE_NAMES, StoreName
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.stored_table import StoredTable

ABOUT = {
    "restricted": "Encrypted. Rows as sent, with names and CRNs, and what belongs to them.",
    "research": "Encrypted. Rows under pseudonyms, no names or CRNs, redacted texts, counts.",
    "registers": "Plain. What was taken in, published and erased. It holds no personal data.",
}
"""Store to what it is."""


def stores_page(policy: Policy) -> str:
    """docs/stores.md: the tables of each store, and the columns of the research store."""
    catalogue = Catalogue(policy)
    lines = [
        "# What the stores hold",
        "",
        "<!-- Made by `make docs`; do not edit by hand. -->",
        "",
        "Each table is declared once, by the stage that makes it "
        "([how](architecture.md#stores-and-keys)). The retention register, erasure and subject "
        "access ask these declarations. "
        "A rule is one of [the retention schedule](retention.md).",
    ]
    for store in STORE_NAMES:
        lines += ["", f"## {store.capitalize()}", "", ABOUT[store], ""]
        lines += table_lines(
            ("table", "what it holds", "a row belongs to", "comes from", "rule"),
            [
                (
                    code(table.name),
                    sentence(table.title),
                    "; ".join(_owners(table)),
                    _origin(catalogue, table),
                    code(catalogue.rule_of(table)),
                )
                for table in catalogue.of_store(store).values()
            ],
        )
    lines += ["", "## Columns of the research store", ""]
    lines += _columns(catalogue, "research")
    return "\n".join(lines).rstrip() + "\n"


def _owners(table: StoredTable) -> Iterator[str]:
    """Whose a row is, in words."""
    if table.crn_columns:
        yield f"a data subject, by {_listed(table.crn_columns)}"
    if table.pseudonym is not None:
        yield f"a data subject, by {code(table.pseudonym)}"
    if table.values_column is not None:
        yield f"a data subject, by what was sent ({code(table.values_column)})"
    if table.drop_column is not None:
        yield f"a drop, by {code(table.drop_column)}"
    if table.source_column is not None:
        yield f"a source, by {code(table.source_column)}"


def _origin(catalogue: Catalogue, table: StoredTable) -> str:
    if table.sources or table.made_from:
        return _listed(table.sources or table.made_from)
    if table.store == "registers" or table.names_files:
        return ""
    return "all sources"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(code, names))


def _columns(catalogue: Catalogue, store: StoreName) -> Iterator[str]:
    for table in catalogue.of_store(store).values():
        if table.columns:
            yield from (f"### {table.name}", "")
            yield from table_lines(
                ("column", "type", "meaning"),
                [
                    (code(name), doc.type, sentence(doc.description) if doc.description else "")
                    for name, doc in table.columns.items()
                ],
            )
            yield ""
