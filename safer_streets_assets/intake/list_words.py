"""The words of the policy's lists that texts of a source mean: what conformed tables hold of them.

The raw tables keep every text as it arrived. A text on its list under no spelling is the list's
`other` everywhere else; what it said is shown to the unit only, from the restricted store.
"""

from __future__ import annotations

import duckdb
import pandas as pd

from safer_streets_assets.intake.fields import LISTED_WORDS
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy, Source
from safer_streets_assets.stores.frames import write_frame
from safer_streets_assets.stores.sql_files import quoted_name


def define_words(connection: duckdb.DuckDBPyConnection, policy: Policy, source_name: str) -> None:
    """Puts what the texts of a source mean into `listed_words` (words_list, words_text, word,
    is_known); the restricted store is attached."""
    rows = f"restricted.{raw_table(source_name)}"
    define_words_of(connection, policy, policy.sources[source_name], rows)


def define_words_of(
    connection: duckdb.DuckDBPyConnection, policy: Policy, source: Source, relation: str
) -> None:
    """The same of the texts of a source in a table or view."""
    lists, meant = policy.word_lists, {}
    for field in source.fields:
        if field.words is None:
            continue
        rows = connection.execute(
            f"SELECT DISTINCT {quoted_name(field.name)} AS text "
            f"FROM {relation} WHERE text IS NOT NULL"
        ).fetchall()
        for (text,) in rows:
            meant[field.words, text] = lists[field.words].word(text)
    frame = pd.DataFrame(
        [
            (name, text, word or lists[name].other, word is not None)
            for (name, text), word in meant.items()
        ],
        columns=["words_list", "words_text", "word", "is_known"],
    )
    types = dict.fromkeys(("words_list", "words_text", "word"), "VARCHAR") | {"is_known": "BOOLEAN"}
    write_frame(connection, LISTED_WORDS, frame, types, temporary=True)
