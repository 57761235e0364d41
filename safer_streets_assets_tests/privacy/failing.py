"""Called in a command before it runs: makes something in it go wrong with a canary at hand."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import duckdb
import pandas as pd

from safer_streets_assets.cohort import assets as cohort
from safer_streets_assets.cohort import missed_links
from safer_streets_assets.cohort.conformed import conform
from safer_streets_assets.console import summary
from safer_streets_assets.intake import assets as intake
from safer_streets_assets.intake.landing import LandingUnreadableError
from safer_streets_assets.quotes import quotable
from safer_streets_assets_tests.privacy.traces import canary_crn, word

UNREADABLE = "The landing folder cannot be read; give the pipeline's user access to it."
COMPARISONS = ("JaroWinklerAtThresholds", "DamerauLevenshteinAtThresholds", "ExactMatch")


def unexpected_value() -> None:
    """A conformed table holds a name where a code belongs: its expectations fail."""

    def sabotaged(connection: duckdb.DuckDBPyConnection, policy: Any, source: str) -> Any:
        versions = conform(connection, policy, source)
        if source == "nps_court_outcomes":
            connection.execute(f"UPDATE research.court_cases SET gender = '{word('gender')}'")
        return versions

    setattr(cohort, "conform", sabotaged)  # noqa: B010 - the module does not export it


def failing_step() -> None:
    """The first step cannot look at the landing folder; the cause names somebody."""

    def unreadable(*_: object) -> None:
        cause = PermissionError(13, word("cause"), f"{word('folder')} {canary_crn(951)}")
        raise LandingUnreadableError(UNREADABLE) from cause

    setattr(intake, "register_landing", unreadable)  # noqa: B010 - the module does not export it


def failing_summary() -> None:
    """The end of the command raises what names somebody."""

    def raising(*_: object) -> None:
        raise ValueError(f"{word('raised')} {canary_crn(950)}")

    setattr(summary, "print_summary", raising)  # noqa: B010 - of another type


def failing_quotes() -> None:
    """A text that may be quoted cannot be judged: what is raised quotes it."""

    def failing(_: object, words: str) -> int:
        raise ValueError(f"{words} {word('raised')} {canary_crn(950)}")

    setattr(quotable.QuotableText, "names_in", failing)  # noqa: B010 - of another type


def comparing_one_case() -> None:
    """One case that links by CRN is enough to learn from, so that the estimate goes on."""
    setattr(missed_links, "LEAST_LINKED", 1)  # noqa: B010 - a constant


def made_up_comparison() -> None:
    """Splink is taken to be there, and to find that two cases may be of people with canaries."""

    def ratios(connection: duckdb.DuckDBPyConnection, *_: object) -> pd.DataFrame:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE compared AS "
            f"SELECT '{word('compared')} ' || surname AS text FROM missed_people"
        )
        people = [canary_crn(1), word("person")]
        return pd.DataFrame({"case_id": [1, 2], "person": people, "ratio": [1e12, 1.0]})

    _as_if_splink_were_there(ratios)


def failing_comparison() -> None:
    """Splink prints, warns of and logs a row, and fails with a message that quotes it."""

    def failing(rule: str) -> None:
        named = f"{word('raised')} {canary_crn(950)} {rule}"
        for shown in (sys.stdout, sys.stderr):
            shown.write(named)
        warnings.warn(named, stacklevel=2)
        for name in ("splink.internals.linker", "sqlglot"):
            logging.getLogger(name).error(named)
        try:
            raise KeyError(named)
        except KeyError as error:
            raise ValueError(named) from error

    comparing_one_case()
    setattr(missed_links, "find_spec", lambda name: name)  # noqa: B010 - of the standard library
    library = SimpleNamespace(**dict.fromkeys(COMPARISONS, lambda *_: None))
    made_up = SimpleNamespace(block_on=failing, SettingsCreator=dict)
    modules = {"splink": made_up, "splink.comparison_library": library}
    setattr(missed_links, "import_module", modules.__getitem__)  # noqa: B010 - likewise


def failing_rows_to_compare() -> None:
    """The rows to compare cannot be made: DuckDB quotes one of them."""

    def failing(connection: duckdb.DuckDBPyConnection, *_: object) -> None:
        connection.execute(f"SELECT CAST('{word('raised')} {canary_crn(950)}' AS DATE)").fetchall()

    _as_if_splink_were_there(lambda *_: pd.DataFrame())
    setattr(missed_links, "_define_rows", failing)  # noqa: B010 - the module does not export it


def _as_if_splink_were_there(ratios: Callable[..., pd.DataFrame]) -> None:
    comparing_one_case()
    setattr(missed_links, "find_spec", lambda name: name)  # noqa: B010 - of the standard library
    setattr(missed_links, "_likelihood_ratios", ratios)  # noqa: B010 - it is not exported
