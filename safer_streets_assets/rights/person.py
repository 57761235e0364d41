"""Whose data a CRN stands for: the CRNs accepted as the person's, and the person's pseudonym."""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb

from safer_streets_assets.cohort.conformed import CONFORMED
from safer_streets_assets.cohort.reviews import links_in_force
from safer_streets_assets.intake.crn import is_crn, normalise_crn
from safer_streets_assets.intake.fields import CRN_KEY
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.rights.errors import RightsError


@dataclass(frozen=True)
class Person:
    """Somebody who asks: their CRN, those accepted as it mistyped, and their pseudonym.

    `is_taken_for_another` says that their CRN was accepted as somebody else's, mistyped: then what
    is held under the pseudonym may be that other person's. The repr holds no CRN.
    """

    crn: str = field(repr=False)
    crns: frozenset[str] = field(repr=False)
    person_id: str | None
    is_taken_for_another: bool


def as_crn(text: str) -> str:
    """A CRN as intake normalises it.

    Raises:
        RightsError: the text is none; it is not repeated.
    """
    crn = normalise_crn(text)
    if not is_crn(crn):
        raise RightsError("That is not a CRN: it has one letter and six digits; try again.")
    return crn


def find_person(connection: duckdb.DuckDBPyConnection, crn: str) -> Person:
    """Who a normalised CRN is, by what is attached of the restricted store.

    Raises:
        RightsError: a decision of the review is not in the data yet, so that rows of two people may
            stand under one pseudonym.
    """
    tables = restricted_tables(connection)
    known = _known_crns(connection) if raw_table(_nps()) in tables else set()
    links = links_in_force(connection) if "accepted_links" in tables else {}
    links = {sent: meant for sent, meant in links.items() if sent not in known}
    people = _people(connection, crn) if "person_pseudonyms" in tables else {}
    own = {crn, *(sent for sent, meant in links.items() if meant == crn)}
    if links.get(crn, crn) != crn:
        return Person(crn, frozenset({crn}), None, True)
    if people.keys() - own:
        raise RightsError(
            "A decision of the review of CRNs is not carried out yet: run safer-streets run, and "
            "this command again."
        )
    return Person(crn, frozenset(own), people.get(crn), False)


def restricted_tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The tables of the restricted store; none when it is not attached."""
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'restricted'"
    ).fetchall()
    return {name for (name,) in rows}


def _people(connection: duckdb.DuckDBPyConnection, crn: str) -> dict[str, str]:
    """CRN to pseudonym of all CRNs that have the pseudonym of this one."""
    rows = connection.execute(
        "SELECT crn_key, person_id FROM restricted.person_pseudonyms WHERE person_id IN "
        "(SELECT person_id FROM restricted.person_pseudonyms WHERE crn_key = ?)",
        [crn],
    ).fetchall()
    return dict(rows)


def _known_crns(connection: duckdb.DuckDBPyConnection) -> set[str]:
    rows = connection.execute(
        f"SELECT DISTINCT {CRN_KEY} FROM restricted.{raw_table(_nps())}"
    ).fetchall()
    return {crn for (crn,) in rows}


def _nps() -> str:
    return next(name for name, table in CONFORMED.items() if table == "court_cases")
