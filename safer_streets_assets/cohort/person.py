"""Who a person is: answered here for pseudonyms, erasure, subject access and objections alike.

The DPIA gives a person what is held on them, and nobody else's data. So, of a CRN:

- A CRN in the source of people (the policy's role `people`) is that person's own, whatever was
  accepted as what. Any other CRN stands for itself.
- A CRN that was accepted as another one, mistyped, is nobody's own: its rows are the data of the
  person meant, who gets them and has them erased with the rest.
- Whoever asks with such a CRN is given nothing and has nothing erased: those rows are by the record
  somebody else's. But a person with that very CRN puts the record in doubt, so the acceptance is
  withdrawn first, and the CRN then stands for itself.
- The same holds for the person meant, once somebody has objected under the mistyped CRN: their
  objection is not that person's, and whose the rows are is in doubt.

A decision counts here from when it is recorded; pseudonyms follow with the next run.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import duckdb

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.intake.crn import normalise_crn
from safer_streets_assets.intake.fields import CRN_KEY
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.person_number import PersonNumber
from safer_streets_assets.stores.queries import tables_in

_LINKS = "SELECT crn_sent, {} FROM restricted.accepted_links WHERE withdrawn_at IS NULL"


class PersonError(SaferStreetsError):
    """It cannot be told whose data is meant. The message holds no CRN."""


class InDoubtError(PersonError):
    """Whose rows they are that stand under a CRN is to be settled first."""


@dataclass(frozen=True)
class Person:
    """Somebody who asks: their own CRN, and with it those accepted as it, mistyped (`crns`). The
    repr holds no CRN."""

    crn: str = field(repr=False)
    crns: frozenset[str] = field(repr=False)


def as_crn(text: str, number: PersonNumber) -> str:
    """A CRN as intake normalises it.

    Raises:
        PersonError: the text is none; it is not repeated.
    """
    crn = normalise_crn(text)
    if not number.fits(crn):
        raise PersonError(f"That is not a {number.called}: it has {number.in_words}; try again.")
    return crn


def find_person(connection: duckdb.DuckDBPyConnection, policy: Policy, crn: str) -> Person:
    """The person who asks with a normalised CRN, by what is attached of the restricted store.

    Raises:
        InDoubtError: the CRN was accepted as another one, or somebody objected under one that was
            accepted as this.
    """
    people = people_meant(connection, policy)
    if crn in people:
        raise _in_doubt(connection, crn, "Rows under this CRN were accepted as another person's")
    slips = {sent for sent, person in people.items() if person == crn}
    if disputed := objected_under(connection, slips):
        said = "Somebody objected under a CRN that was accepted as this person's"
        raise _in_doubt(connection, min(disputed), said)
    return Person(crn, frozenset({crn, *slips}))


def people_meant(connection: duckdb.DuckDBPyConnection, policy: Policy) -> dict[str, str]:
    """CRN sent to the CRN of the person meant, of each that is taken for another one.

    One that was accepted as a CRN that is taken for a third is taken for the third; those that were
    accepted as each other stand for themselves. What is attached of the restricted store counts.
    """
    links = links_in_force(connection)
    own = own_crns(connection, policy) if links else set()
    links = {sent: meant for sent, meant in links.items() if sent not in own}
    found = {}
    for sent, meant in links.items():
        passed, person = {sent}, meant
        while person in links and person not in passed:
            passed.add(person)
            person = links[person]
        if person not in passed:
            found[sent] = person
    return found


def links_in_force(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """CRN sent to CRN meant, as accepted and not withdrawn."""
    if "accepted_links" not in tables_in(connection, "restricted"):
        return {}
    return dict(connection.execute(f"{_LINKS.format('crn_meant')} ORDER BY accepted_at").fetchall())


def own_crns(connection: duckdb.DuckDBPyConnection, policy: Policy) -> set[str]:
    """The CRNs in the source that says who is a person."""
    table = raw_table(policy.dpia.people_source)
    if table not in tables_in(connection, "restricted"):
        return set()
    rows = connection.execute(f"SELECT DISTINCT {CRN_KEY} FROM restricted.{table}").fetchall()
    return {crn for (crn,) in rows}


def objected_under(connection: duckdb.DuckDBPyConnection, crns: Collection[str]) -> set[str]:
    """Those of some CRNs under which somebody has objected, whatever was decided."""
    if not crns or "objections" not in tables_in(connection, "restricted"):
        return set()
    rows = connection.execute(
        "SELECT DISTINCT crn_key FROM restricted.objections WHERE list_contains(?, crn_key)",
        [sorted(crns)],
    ).fetchall()
    return {crn for (crn,) in rows}


def pseudonyms_of(connection: duckdb.DuckDBPyConnection, person: Person) -> frozenset[str]:
    """The pseudonyms under which the data of a person stands: more than one until the next run
    after a link was accepted.

    Raises:
        PersonError: rows of somebody else stand under one of them, as a decision of the review is
            not in the data yet.
    """
    if "person_pseudonyms" not in tables_in(connection, "restricted"):
        return frozenset()
    rows = connection.execute(
        "SELECT crn_key, person_id FROM restricted.person_pseudonyms WHERE person_id IN "
        "(SELECT person_id FROM restricted.person_pseudonyms WHERE list_contains(?, crn_key))",
        [sorted(person.crns)],
    ).fetchall()
    if {crn for crn, _ in rows} - person.crns:
        raise PersonError(
            "A decision of the review of CRNs is not carried out yet: run safer-streets run, and "
            "this command again."
        )
    return frozenset(person_id for _, person_id in rows)


def _in_doubt(connection: duckdb.DuckDBPyConnection, sent: str, said: str) -> InDoubtError:
    """What is said to whoever carries out the request; the id of the near miss is opaque."""
    names = dict(connection.execute(_LINKS.format("near_miss_id")).fetchall())
    return InDoubtError(
        f"{said}, mistyped: until that is settled (safer-streets review withdraw {names[sent]}, "
        "then safer-streets run) nothing is given or erased on it."
    )
