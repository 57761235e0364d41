"""What every Dagster step shares: what an asset says of itself, and how a step fails.

A step fails with our own one-sentence errors or with nothing but the kind of an unexpected error:
the text of other exceptions may hold values from the data.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, ParamSpec, TypeVar

import dagster as dg

from safer_streets_assets.errors import SaferStreetsError, was_query_interrupted
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.faults import sentence_of_fault
from safer_streets_assets.stores.stored_table import ColumnDoc

POOL = "duckdb"
"""The stores have one writer: every step that opens one runs in this pool."""

PersonalData = Literal["direct identifiers", "free text", "pseudonymised", "none"]

P = ParamSpec("P")
R = TypeVar("R")


def asset_arguments(
    policy: Policy,
    *,
    group: str,
    description: str,
    personal_data: PersonalData,
    section: str,
    columns: Mapping[str, ColumnDoc] | None = None,
    kinds: Sequence[str] = ("duckdb",),
    classification: str | None = None,
) -> dict[str, Any]:
    """What an asset says of itself: owner, group, kinds, description, column docs, DPIA tags."""
    default = "OFFICIAL" if personal_data == "none" else "OFFICIAL-SENSITIVE"
    return {
        "group_name": group,
        "description": description,
        "owners": [policy.dpia.evaluation.owner],
        "kinds": set(kinds),
        "tags": {
            "dpia/classification": classification or default,
            "dpia/personal_data": personal_data.replace(" ", "-"),
            "dpia/section": section,
        },
        "metadata": {
            "dagster/column_schema": column_schema(columns or {}),
            "dpia_section": policy.dpia.sections[section].title,
        },
    }


def column_schema(columns: Mapping[str, ColumnDoc]) -> dg.TableSchema:
    """Column docs as Dagster shows them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(name=name, type=doc.type, description=doc.description)
            for name, doc in columns.items()
        ]
    )


def rows_metadata(rows: int, **counts: Any) -> dict[str, Any]:
    """A row count and further counts as a materialisation reports them."""
    return {"dagster/row_count": rows, **counts}


def table_of(columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> dg.TableMetadataValue:
    """Rows as Dagster shows a table: `columns` are names with Dagster's types; None is empty."""
    return dg.TableMetadataValue(
        records=[dg.TableRecord(dict(zip(columns, row, strict=True))) for row in rows],
        schema=dg.TableSchema(columns=[dg.TableColumn(*column) for column in columns.items()]),
    )


def guarded(step: Callable[P, R]) -> Callable[P, R]:
    """Makes a step, or a generator of results, fail without telling anything from the data."""
    if inspect.isgeneratorfunction(step):

        @functools.wraps(step)
        def run_each(*args: P.args, **kwargs: P.kwargs) -> Any:
            with _told_safely():
                yield from step(*args, **kwargs)

        return run_each

    @functools.wraps(step)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with _told_safely():
            return step(*args, **kwargs)

    return run


@contextmanager
def _told_safely() -> Iterator[None]:
    try:
        yield
    except (SaferStreetsError, dg.Failure) as error:
        sentence = error.description if isinstance(error, dg.Failure) else str(error)
        raise dg.Failure(description=sentence, allow_retries=False) from None
    except Exception as error:
        if was_query_interrupted(error):
            raise KeyboardInterrupt from None
        if (sentence := sentence_of_fault(error)) is not None:
            raise dg.Failure(description=sentence, allow_retries=False) from None
        raise dg.Failure(
            description=(
                f"An unexpected {type(error).__name__} ended this step at {_place(error)}; its "
                "text is withheld because it may hold personal data: report the step and the place."
            ),
            allow_retries=False,
        ) from None


def _place(error: Exception) -> str:
    """The module and line of our own code that was running: no values."""
    place = "an unknown place"
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        if name.startswith("safer_streets_assets"):
            place = f"{re.sub(r'[^a-z_.]', '', name)} line {trace.tb_lineno}"
        trace = trace.tb_next
    return place
