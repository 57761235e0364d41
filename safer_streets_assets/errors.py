"""The errors that people see: a sentence that says what to do, with no personal data in it."""

from __future__ import annotations

from collections.abc import Iterator


class SaferStreetsError(Exception):
    """Something the operator can put right.

    The message is one sentence that says what to do. It never holds a value from the data: it is
    shown on terminals, kept in Dagster's event log and sent in e-mails.
    """


def was_query_interrupted(error: BaseException) -> bool:
    """Whether an error is what DuckDB makes of Ctrl-C while a query runs."""
    return type(error) is RuntimeError and str(error) == "Query interrupted"


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """An error and what it came from, whether or not that was said on purpose."""
    found: BaseException | None = error
    seen: set[int] = set()
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or found.__context__
