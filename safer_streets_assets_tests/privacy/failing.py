"""Called in a command before it runs: makes something in it go wrong with a canary at hand."""

from __future__ import annotations

from typing import Any

import duckdb

from safer_streets_assets.cohort import assets as cohort
from safer_streets_assets.cohort.conformed import conform
from safer_streets_assets.console import summary
from safer_streets_assets.intake import assets as intake
from safer_streets_assets.intake.landing import LandingUnreadableError
from safer_streets_assets_tests.privacy.traces import canary_crn, word

UNREADABLE = "The landing folder cannot be read; give the pipeline's user access to it."


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
