"""What each kind of agreed field is in SQL: its typed value, and what is wrong with it.

The same expressions judge rows at intake and conform them in the cohort stage.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from safer_streets_assets.intake.clocks import hours_that_come_twice
from safer_streets_assets.policy import AgreedField, Policy, Source
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text, read_sql

CRN_KEY = "crn_key"
"""The column of a raw table that holds the normalised CRN beside the CRN as sent."""


LISTED_WORDS = "listed_words"
"""The temporary table of texts and the words they mean, which `words.define_words` makes."""


NEVER = "NULL::VARCHAR"
"""The problem of a field with which nothing can be wrong, in SQL."""

AS_SENT = ("crn", "text")
"""Kinds of field whose value is the text, or a column that is there."""


_TYPES = {
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "integer": "BIGINT",
}
"""The DuckDB types of values that are not text, by the kind of the field."""


@dataclass(frozen=True)
class FieldSql:
    """A field of a source in SQL: `value` is its typed value, `problem` a reason code or NULL.

    key: the value as an identity has it, where two spellings of one reference are the same.
    said: the value as two rows are compared, where two spellings of one text are the same.
    suspect: as `problem`, with one also for some texts that mean that there is nothing: their
    pattern takes longer to compile than a small drop to judge.
    """

    name: str
    value: str
    problem: str
    key: str
    said: str
    suspect: str


def value_type(field: AgreedField) -> str:
    """The DuckDB type of the typed value of a field."""
    return _TYPES.get(field.kind, "VARCHAR")


def define_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the parsing macros on a connection."""
    connection.execute(read_sql("intake", "macros"))


def field_sql(
    field: AgreedField,
    policy: Policy,
    *,
    words: bool = False,
    typed: bool = False,
    identifies: bool = False,
) -> FieldSql:
    """The SQL of one agreed field.

    With `words` the value of a text that is read as a word of a list is that word; that needs
    `words.define_words`. Without, it is the text. With `typed` the value stands in a column that
    `typed_columns_sql` made, so that it is not parsed again wherever a rule asks for it. One that
    `identifies` a row has to be a reference where it is text.
    """
    column = quoted_name(field.name)
    value, reason = _value(field, policy)
    if typed and field.kind not in AS_SENT:
        value = _typed_name(field)
    nothing = is_missing_sql(column, policy)
    if field.kind == "text":
        text = _word_value(column, field.words) if words and field.words else value
        value = f"CASE WHEN NOT {nothing} THEN {text} END"
    cases = []
    is_error = f"is_spreadsheet_error({column})"
    if field.required:
        cases.append(f"WHEN {column} IS NULL THEN 'R-MISSING'")
        cases.append(f"WHEN {is_error} THEN 'R-ERROR'")
    elif reason is not None:
        cases.append(f"WHEN {is_error} THEN 'R-ERROR'")
    if field.required and field.kind == "text":
        cases.append(f"WHEN {nothing} THEN 'R-MISSING'")
    if reason is not None:
        cases.append(f"WHEN {column} IS NOT NULL AND {value} IS NULL THEN '{reason}'")
    if field.range is not None:
        low, high = field.range
        allowed = "".join(f" AND {value} <> {code}" for code in field.missing_codes)
        cases.append(f"WHEN {value} NOT BETWEEN {low} AND {high}{allowed} THEN 'R-RANGE'")
    if field.kind == "crn":
        pattern = quoted_text(policy.dpia.person_number.pattern)
        cases.append(f"WHEN NOT regexp_matches({CRN_KEY}, {pattern}) THEN 'R-CRN'")
    is_reference = identifies and field.kind == "text"
    if is_reference:
        cases.append(f"WHEN NOT is_reference({column}) THEN 'R-ID'")
    problem = suspect = _first_of(cases)
    if field.kind == "text" and not field.required:
        # #N/A is how a spreadsheet says that there is nothing.
        problem = _first_of([f"WHEN {is_error} AND NOT {nothing} THEN 'R-ERROR'", *cases])
        suspect = _first_of([f"WHEN {is_error} THEN 'R-ERROR'", *cases])
    key = reference_key_sql(value) if is_reference else value
    said = f"words_in_it({value})" if field.kind == "text" else value
    return FieldSql(field.name, value, problem, key, said, suspect)


def _first_of(cases: Sequence[str]) -> str:
    """The reason of the first case that holds, in SQL."""
    return f"CASE {' '.join(cases)} END" if cases else NEVER


def reference_key_sql(text: str) -> str:
    """A reference as an identity has it, in SQL."""
    return f"reference_key({text})"


def is_missing_sql(column: str, policy: Policy) -> str:
    """Whether a text means that there is nothing, in SQL."""
    return f"regexp_full_match({column}, {quoted_text(_missing_pattern(policy))})"


def _missing_pattern(policy: Policy) -> str:
    """The texts that mean that there is nothing as one pattern: a cell is looked at once."""
    # The characters of Unicode that are neither letter nor digit and that people type: all of them
    # would make a pattern that takes longer to compile than a drop to judge.
    between = (
        r"[\x00-/:-@\[-`{-\x{a9}\x{ab}-\x{b4}\x{b6}-\x{b8}\x{bb}\x{bf}"
        r"\x{2000}-\x{206f}\x{3000}\x{feff}]"
    )
    texts = [
        f"{between}+".join(r"\.?".join(word) for word in text.split())
        for text in sorted(policy.vocabulary.missing_texts)
        if text
    ]
    return f"(?i){between}*({'|'.join(texts)})?{between}*"


def fields_sql(source: Source, policy: Policy, *, words: bool = False) -> list[FieldSql]:
    """The SQL of every agreed field of a source, in the policy's order."""
    return [
        field_sql(field, policy, words=words, identifies=field.name in source.identity)
        for field in source.fields
    ]


def typed_columns_sql(source: Source, policy: Policy) -> str:
    """Columns with the typed values of a row, to select after the columns as sent."""
    return "".join(
        f", {_value(field, policy)[0]} AS {_typed_name(field)}"
        for field in source.fields
        if field.kind not in AS_SENT
    )


def _typed_name(field: AgreedField) -> str:
    return quoted_name(f"{field.name} typed")


REASONS_SQL = "list_sort(list_distinct(list_transform(problems, lambda p: p.reason)))"
"""The distinct reason codes of a row that has `problems`."""


@dataclass(frozen=True)
class RowRules:
    """The rules of a staged row in SQL.

    broken: whether a rule may be broken; never false or NULL where one is.
    problems: what is wrong with a row in which one may be: structs (field, reason code).
    """

    broken: str
    problems: str


def row_rules(
    source: Source, policy: Policy, today: date, beside: Mapping[str, list[str]]
) -> RowRules:
    """What tells in SQL whether a staged row breaks a rule, and what is wrong with it.

    Of two dates in the wrong order both are named, because either may be the wrong one; the field
    is NULL where the row as a whole is wrong. A staged row has the fields as sent, those of
    `typed_columns_sql`, `is_ragged` and `is_identifying`. `today` is the day after which nothing
    can have happened, and `beside` has, for a field, the expressions of reasons that its own value
    does not tell: a text in the wrong place, or unlike all others. A placeholder is a missing
    value, where one is required.
    """
    by_name = {
        f.name: field_sql(f, policy, typed=True, identifies=f.name in source.identity)
        for f in source.fields
    }
    problems = [
        _Problem(
            quoted_text(field.name),
            by_name[field.name].problem,
            suspect=by_name[field.name].suspect,
            sent=quoted_name(field.name) if field.kind not in AS_SENT else "NULL",
            if_nothing="'R-MISSING'" if field.required else "NULL",
        )
        for field in source.fields
    ]
    for agreed in source.fields:
        for other, codes in agreed.required_where.items():
            listed = ", ".join(quoted_text(code) for code in codes)
            wrong = (
                f"CASE WHEN ({quoted_name(agreed.name)} IS NULL "
                f"OR {is_missing_sql(quoted_name(agreed.name), policy)}) "
                f"AND {by_name[other].value} IN ({listed}) THEN 'R-MISSING' END"
            )
            problems.append(_Problem(quoted_text(agreed.name), wrong))
    for order in source.date_order:
        earlier, later = by_name[order.earlier].value, by_name[order.later].value
        wrong = f"CASE WHEN {is_after_sql(earlier, later, policy)} THEN 'R-ORDER' END"
        problems += [_Problem(quoted_text(name), wrong) for name in (order.earlier, order.later)]
    for name in source.past:
        wrong = f"CASE WHEN {by_name[name].value}::DATE > DATE '{today}' THEN 'R-FUTURE' END"
        problems.append(_Problem(quoted_text(name), wrong))
    for age in source.ages:
        born, on = by_name[age.born].value, by_name[age.at].value
        low, high = policy.dpia.cohort.plausible_ages
        years = f"whole_years({born}, {on})"
        wrong = (
            f"CASE WHEN {born} <= {on} AND {years} NOT BETWEEN {low} AND {high} THEN 'R-AGE' END"
        )
        problems.append(_Problem(quoted_text(age.born), wrong))
    for name, reasons in beside.items():
        problems += [_Problem(quoted_text(name), reason) for reason in reasons]
    problems.append(_Problem("NULL", "CASE WHEN is_ragged THEN 'R-RAGGED' END"))
    problems.append(_Problem("NULL", "CASE WHEN is_identifying THEN 'R-NOT-ANONYMOUS' END"))
    possible = [problem for problem in problems if problem.reason != NEVER]
    broken = " OR ".join(
        dict.fromkeys(f"({one.suspect or one.reason}) IS NOT NULL" for one in possible)
    )
    listed = ", ".join(one.struct for one in possible)
    wrong = f"list_filter([{listed}], lambda p: p.reason IS NOT NULL)"
    # Only what breaks a rule is held against the placeholders: nearly nothing of a good drop.
    judged = (
        f"list_transform({wrong}, lambda p: struct_pack(field := p.field, reason := CASE "
        f"WHEN p.reason <> 'R-ERROR' AND {is_missing_sql('p.sent', policy)} THEN p.if_nothing "
        "ELSE p.reason END))"
    )
    return RowRules(broken, f"list_filter({judged}, lambda p: p.reason IS NOT NULL)")


def is_after_sql(earlier: str, later: str, policy: Policy) -> str:
    """Whether the first of two times lies after the second, in SQL.

    In the hour that comes twice when the clocks go back, a later time may be written as an earlier
    one of that hour.
    """
    hours = ", ".join(f"TIMESTAMP '{hour}'" for hour in hours_that_come_twice(policy))
    hour = f"date_trunc('hour', ({earlier})::TIMESTAMP)"
    return f"{earlier} > {later} AND NOT (list_contains([{hours}], {hour}) AND {later} >= {hour})"


@dataclass(frozen=True)
class _Problem:
    """What may be wrong with a field, in SQL; where the text that was `sent` means that there is
    nothing, it is another problem or none. `suspect`: as in `FieldSql`."""

    field: str
    reason: str
    sent: str = "NULL"
    if_nothing: str = "NULL"
    suspect: str | None = None

    @property
    def struct(self) -> str:
        """The problem as a value."""
        return (
            f"struct_pack(field := {self.field}::VARCHAR, reason := ({self.reason})::VARCHAR, "
            f"sent := {self.sent}::VARCHAR, if_nothing := {self.if_nothing}::VARCHAR)"
        )


def _value(field: AgreedField, policy: Policy) -> tuple[str, str | None]:
    """The typed value of a field, and the reason code when text has none."""
    column = quoted_name(field.name)
    match field.kind:
        case "crn":
            return CRN_KEY, None
        case "date":
            return _date_value("parse_date", column, field, policy), "R-DATE"
        case "timestamp":
            return _date_value("parse_timestamp", column, field, policy), "R-DATE"
        case "integer":
            return f"parse_integer({column})", "R-NUMBER"
        case "offence_code":
            return f"parse_offence_code({column})", "R-CODE"
        case "code":
            return _code_value(column, field.codes or "", policy), "R-CODE"
        case "text":
            return f"trim({column})", None


def _date_value(parse: str, column: str, field: AgreedField, policy: Policy) -> str:
    years = policy.dpia.intake.two_figure_years
    born = {age.born for source in policy.sources.values() for age in source.ages}
    first, last = years.born if field.name in born else years.other
    short = f"parse_short_year({column}, {first}, {last})"
    return f"coalesce({parse}({column}), {short}{'::DATE' if field.kind == 'date' else ''})"


def _word_value(column: str, words: str) -> str:
    return (
        f"(SELECT word FROM {LISTED_WORDS} WHERE words_list = {quoted_text(words)} "
        f"AND words_text = {column})"
    )


def _code_value(column: str, codes: str, policy: Policy) -> str:
    spellings = dict(_spellings(codes, policy))
    listed = ", ".join(f"{quoted_text(k)}: {quoted_text(v)}" for k, v in spellings.items())
    return f"MAP {{{listed}}}[code_spelling({column})]"


def _spellings(codes: str, policy: Policy) -> Iterator[tuple[str, str]]:
    for code in policy.dpia.code_lists[codes]:
        yield code.lower(), code
        if code.isdecimal():  # a spreadsheet eats leading zeros
            yield str(int(code)), code
    for spelling, code in policy.dpia.code_synonyms.get(codes, {}).items():
        yield spelling.lower(), code
