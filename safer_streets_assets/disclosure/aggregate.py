"""Counts the published tables before protection: one mechanism for every table of the policy.

An aggregate has the table's dimension columns (text, margins as Total), its counts (whole), its
statistics, and for a counted statistic `<name>_base`, the number of people it stands on. Every
combination of categories is a row, also when nobody is in it.
"""

from __future__ import annotations

import re
from itertools import product

import duckdb
import pandas as pd

from safer_streets_assets.disclosure.core import TOTAL
from safer_streets_assets.policy import DimensionSpec, Policy, PolicyError, PublishedSpec
from safer_streets_assets.policy.dimensions import ANY_LEVEL, CoarseDimension
from safer_streets_assets.stores.frames import write_frame
from safer_streets_assets.stores.registers import stopped_stages
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text

SCHEMA, COARSER = "aggregates", "coarser_aggregates"
"""Where aggregates lie in the research store, those at coarser levels apart."""
_OF_RESEARCH = re.compile(r'\bresearch\."?(\w+)')
"""A table of the research store that a query names; the query cannot be bound to ask it, as there
may be no such table yet."""


def define_lists(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """Puts the policy's lists that the queries need into temporary tables."""
    stages = list(enumerate(policy.dpia.cohort.stages, start=1))
    monitoring = policy.dpia.monitoring
    blocks = monitoring.blocks if monitoring is not None else {}
    frames = {
        "funnel_stages": pd.DataFrame(stages, columns=["stage_number", "stage"]),
        "programme_sessions": pd.DataFrame(
            {"session": [int(session) for session in policy.labels_of("sessions")]}
        ),
        "session_blocks": pd.DataFrame(
            [(block, *ends) for block, ends in blocks.items()],
            columns=["session_block", "first_session", "last_session"],
        ),
        "training_questions": pd.DataFrame(
            {"question": list(policy.labels_of("training_questions"))}, dtype=object
        ),
        **{name: _questions(policy, name) for name in policy.questionnaire.lists_of_questions},
    }
    for name, frame in frames.items():
        write_frame(connection, name, frame, temporary=True)


def _questions(policy: Policy, name: str) -> pd.DataFrame:
    """A list of questions, or of options, and whether ticking one leaves somebody in the base."""
    listed = list(policy.labels_of(name))
    outside = policy.questionnaire.options_not_in_base
    return pd.DataFrame({"question": listed, "in_base": [one not in outside for one in listed]})


def aggregate(connection: duckdb.DuckDBPyConnection, policy: Policy, name: str) -> pd.DataFrame:
    """The aggregate of one table; the research store is attached, `define_lists` was called.

    Of a table that counts the data of a stage that will not go on, no row; nor of one that waits
    for a gate that is closed.
    """
    spec = policy.tables.tables[name]
    stopped = {spec.gate, spec.stage} & stopped_stages(connection, "research")
    waits = bool(stopped) or not _may_be_counted(connection, spec)
    made = _made(connection, policy, name, spec, of_nobody=waits)
    return made.iloc[:0] if waits else made


def _may_be_counted(connection: duckdb.DuckDBPyConnection, spec: PublishedSpec) -> bool:
    """Whether a table that is counted here waits for no gate, or for an open one."""
    if spec.source is None or spec.gate is None:
        return True
    found = connection.execute(
        "SELECT gate FROM research.stage_gates WHERE gate = $1 AND open::BOOLEAN", [spec.gate]
    )
    return found.fetchone() is not None


def _made(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    name: str,
    spec: PublishedSpec,
    *,
    of_nobody: bool = False,
) -> pd.DataFrame:
    """The counted table; `of_nobody` it has its columns alone, and no row of anybody is read, so
    that none can stop a table that is not made."""
    if spec.computed is not None:
        return computed_aggregate(connection, policy, name, spec)
    wanted = rows_sql(policy, name)
    if of_nobody:
        wanted = f"SELECT * FROM ({wanted}) LIMIT 0"
    rows = rows_at_levels(connection, policy, name, wanted)
    counted = connection.execute(counting_sql(policy, name, spec, rows)).df()
    for column in policy.tables.columns(name):
        if counted[column].isna().any():
            raise PolicyError(
                f"tables.yaml, tables.{name}.dimensions: rows say nothing of {column}; name a word "
                "of said_nothing under words of that dimension."
            )
    return with_empty_combinations(counted, policy, name, spec)


def rows_sql(policy: Policy, name: str) -> str:
    """The query of the rows that a table counts: those of a conformed table, or of a query of that
    name, that are of its population.

    Where a row says nothing of a dimension that has a word for that, the word stands.
    """
    spec = policy.tables.tables[name]
    source = spec.source or ""
    conformed = source in policy.dpia.conformed_tables.values()
    rows = f"SELECT * FROM research.{quoted_name(source)}" if conformed else policy.sql[source]
    said = [
        f"coalesce({quoted_name(column)}, {quoted_text(word)}) AS {quoted_name(column)}"
        for column, dimension in policy.tables.columns(name).items()
        if (word := policy.vocabulary.word_for_nothing(dimension.words)) is not None
    ]
    if said:
        rows = f"SELECT * REPLACE ({', '.join(said)}) FROM ({rows})"
    stage = policy.stage_number(spec.population)
    # Rows of people at a stage are one a stage that they have reached, and `within` takes those.
    if stage is None or "stage" in spec.within:
        return rows
    return (
        # A query without a row may not know the type.
        f"SELECT * FROM ({rows}) WHERE person_id::VARCHAR IN "
        f"(SELECT person_id::VARCHAR FROM research.linked_cohort WHERE stage_number >= {stage})"
    )


def counted_conformed_tables(policy: Policy) -> list[str]:
    """The conformed tables of agreed sources that published tables count, in the order of the
    sources: whoever counts waits for all of them, and for none that nobody counts."""
    counted = [name for name, spec in policy.tables.tables.items() if spec.source is not None]
    read = {table for name in counted for table in _OF_RESEARCH.findall(rows_sql(policy, name))}
    conformed = (source.conformed.table for source in policy.sources.values())
    return [table for table in conformed if table in read]


def rows_at_levels(
    connection: duckdb.DuckDBPyConnection, policy: Policy, name: str, rows: str
) -> str:
    """The query of a table's rows, with the group in place of the category in each dimension, and
    in each facet, that stands at a coarser level. So what is computed of a group is computed of its
    people."""
    tables = policy.tables
    for column, dimension in tables.columns(name).items():
        if dimension.coarsened is not None:
            rows = _grouped(connection, policy, rows, column, dimension.coarsened, "true")
        for facet, of in dimension.facets.items():
            coarse = tables.dimensions[of].coarsened
            if coarse is not None and dimension.facet_of is not None:
                own = f"{quoted_name(column)} = {quoted_text(facet)}"
                words = tables.columns(name)[dimension.facet_of].words
                nothing = policy.vocabulary.word_for_nothing(words)
                rows = _grouped(connection, policy, rows, dimension.facet_of, coarse, own, nothing)
    return rows


def _grouped(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    rows: str,
    column: str,
    coarse: CoarseDimension,
    which: str,
    nothing: str | None = None,
) -> str:
    """The query of some rows, with the group of a level in place of the category of a column, in
    those rows for which a condition holds. Rows that say `nothing` of it stay as they are where the
    level has no rest."""
    hierarchy, quoted = policy.tables.hierarchies[coarse.of], quoted_name(column)
    found = connection.execute(
        f"SELECT DISTINCT {quoted}::VARCHAR FROM ({rows}) WHERE {which}"
    ).fetchall()
    groups = {c: hierarchy.at(coarse.level, "" if c is None else c) for (c,) in found}
    if nothing in groups:
        groups[nothing] = groups[nothing] or nothing
    cases = " ".join(
        f"WHEN {quoted_text(category)} THEN {quoted_text(group)}"
        for category, group in sorted((c, g) for c, g in groups.items() if c is not None and g)
    )
    rest = quoted_text(groups.get(None) or "") if groups.get(None) else "NULL"
    case = f"CASE {quoted}::VARCHAR {cases} ELSE {rest} END" if cases else rest
    if which != "true":
        case = f"CASE WHEN {which} THEN {case} ELSE {quoted} END"
    return f"SELECT * REPLACE ({case} AS {quoted}) FROM ({rows})"


def counting_sql(policy: Policy, name: str, spec: PublishedSpec, rows: str) -> str:
    """The query that counts a table's rows over its dimensions, with margins where categories add
    up."""
    columns = policy.tables.columns(name)
    adding = [quoted_name(c) for c, d in columns.items() if d.total]
    fixed = [quoted_name(c) for c, d in columns.items() if not d.total]
    selected = fixed + [
        f"CASE WHEN grouping({c}) = 1 THEN {quoted_text(TOTAL)} ELSE {c}::VARCHAR END AS {c}"
        for c in adding
    ]
    selected += [
        f"{count.expression or 'count(*)'} AS {quoted_name(n)}" for n, count in spec.counts.items()
    ]
    for statistic, details in spec.statistics.items():
        if details.expression is not None:
            selected.append(f"({details.expression})::DOUBLE AS {quoted_name(statistic)}")
            selected.append(f"{details.base} AS {quoted_name(statistic + '_base')}")
    where = " AND ".join(
        f"{quoted_name(column)} = {quoted_text(value)}" for column, value in spec.within.items()
    )
    groups = [*fixed, *([f"CUBE ({', '.join(adding)})"] if adding else [])]
    return (
        f"WITH rows_counted AS ({rows}) "
        f"SELECT {', '.join(selected)} FROM rows_counted "
        f"{'WHERE ' + where if where else ''} GROUP BY {', '.join(groups)}"
    )


def with_empty_combinations(
    counted: pd.DataFrame, policy: Policy, name: str, spec: PublishedSpec
) -> pd.DataFrame:
    """Adds the combinations nobody is in, in the order of the policy's lists, Total last.

    Where categories come from the data, a question (scale, source ...) has those found in it.
    """
    columns = policy.tables.columns(name)
    apart = [c for c, d in columns.items() if not d.total and not d.nested]
    adding = [c for c in columns if c not in apart]
    tops = list(product(*(_categories(counted, c, columns[c], policy) for c in apart)))
    rows = []
    for top in tops:
        within = counted
        for column, value in zip(apart, top, strict=True):
            within = within[within[column].astype(str) == value]
        axes = [
            [*_categories(within, c, columns[c], policy), *([TOTAL] if columns[c].total else [])]
            for c in adding
        ]
        rows += [(*top, *rest) for rest in product(*axes)]
    grid = pd.DataFrame(rows, columns=[*apart, *adding])[list(columns)]
    full = grid.merge(counted.astype(dict.fromkeys(columns, object)), on=list(columns), how="left")
    for column in full.columns:
        if column in spec.counts or column.endswith("_base"):
            full[column] = full[column].fillna(0).astype("Int64")
    return full


def _categories(
    counted: pd.DataFrame, column: str, dimension: DimensionSpec, policy: Policy
) -> list[str]:
    found = sorted(set(counted[column].astype(str)) - {TOTAL}, key=lambda text: (len(text), text))
    if not all(text.isdigit() for text in found):
        found.sort()
    listed = policy.values_of(dimension.values) or []
    return [*listed, *(value for value in found if value not in listed)]


def computed_aggregate(
    connection: duckdb.DuckDBPyConnection, policy: Policy, name: str, spec: PublishedSpec
) -> pd.DataFrame:
    """A table that an earlier stage computed, as it lies in the research store: of one that may be
    coarsened the rows of its levels, which that stage computed of the people of each group."""
    frame = connection.execute(computed_sql(policy, name, spec)).df()
    return frame.astype(dict.fromkeys(spec.counts, "Int64"))


def computed_sql(policy: Policy, name: str, spec: PublishedSpec) -> str:
    """The query of the rows of a computed table, those of its levels where it has any."""
    figures = [*spec.counts, *spec.constants, *spec.statistics]
    texts = [f"{quoted_name(c)}::VARCHAR AS {quoted_name(c)}" for c in policy.tables.columns(name)]
    listed = ", ".join([*texts, *(quoted_name(column) for column in figures)])
    levels = [ANY_LEVEL, *spec.dimensions, *policy.tables.facet_dimensions(name)]
    wanted = f"WHERE level IN ({', '.join(map(quoted_text, levels))})" if spec.coarsen else ""
    return f"SELECT {listed} FROM research.{spec.computed} {wanted} ORDER BY row_order"


def store_aggregate(
    connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame, schema: str = SCHEMA
) -> None:
    """Writes an aggregate to the research store, in place of the one that was there."""
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS research.{schema}")
    write_frame(connection, f"research.{schema}.{quoted_name(name)}", with_row_order(frame))


def load_aggregate(
    connection: duckdb.DuckDBPyConnection, name: str, schema: str = SCHEMA
) -> pd.DataFrame:
    """An aggregate as it was stored; whole-number columns may be missing where they are NULL."""
    frame = connection.execute(
        f"SELECT * EXCLUDE (row_order) FROM research.{schema}.{quoted_name(name)} "
        "ORDER BY row_order"
    ).df()
    return frame


def with_row_order(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with `row_order`, so that a stored table gives back its order."""
    return frame.assign(row_order=range(len(frame)))
