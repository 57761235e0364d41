"""Estimates how many true links the CRN rule misses. It is a diagnostic: it links nothing.

Only the source of cases can be judged: its rows come with a name and what is certain of somebody,
as those of the source of people do. Others come with a CRN alone. The policy says what is compared
(`cohort.same_person`, `cohort.missed_links`). Splink (Fellegi and Sunter's model of record linkage,
on DuckDB) says how much more likely a case and a person agree as they do if they are one person.
How fields agree in true links is learned from the cases that link by CRN, how they agree by chance
from random pairs. The CRN itself is not compared. From these ratios follows, for each case that
links to nobody, how likely it is that NPS sent its person.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from io import StringIO
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from safer_streets_assets.cohort.near_misses import compared_sql, name_field
from safer_streets_assets.cohort.winning_rows import make_latest
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.policy import Policy, Source
from safer_streets_assets.policy.same_person import DAY, NAME_PARTS, MissedLinkRules
from safer_streets_assets.stores.queries import one_number
from safer_streets_assets.stores.sql_files import quoted_name, read_sql

INSTALL = ".venv/bin/python -m pip install -e '.[linkage]'"
LEAST_LINKED = 50
"""So many cases that link by CRN are needed to learn how true links look."""

_CASES, _PEOPLE = "missed_cases", "missed_people"
_SEED = 1
_RANDOM_PAIRS = 2e5
_FLOOR = 0.001
"""The least probability of an agreement that was never seen: nothing is taken to be impossible."""
_STEPS, _CLOSE = 500, 1e-9
_SURE = 0.95


class MissedLinksError(SaferStreetsError):
    """How many links are missed cannot be estimated."""


@dataclass(frozen=True)
class MissedLinks:
    """What was found out of the cases that link to nobody, in counts.

    `linked` cases link by CRN, and `unlinked` do not. `expected` of those have somebody of the
    source of people, by the model, give or take `standard_error`; `sure` have one with a
    probability of 95 % or more. `same_name_and_certain` have the same name and the same of what is
    certain as somebody there, letter by letter: a plain rule to compare with. `near_misses` are on
    the list of the review already.
    """

    linked: int
    unlinked: int
    expected: float
    standard_error: float
    sure: int
    same_name_and_certain: int
    near_misses: int


def refuse_without_splink() -> None:
    """Says how Splink is installed where it is not.

    Raises:
        MissedLinksError: it is not installed.
    """
    if find_spec("splink") is None:
        raise MissedLinksError(
            "Splink is not installed, which this estimate needs and nothing else does: install it "
            f"with {INSTALL}"
        )


def estimate_missed_links(connection: duckdb.DuckDBPyConnection, policy: Policy) -> MissedLinks:
    """The estimate from the latest rows of people and cases; the restricted store is attached.

    Tables are made in memory alone, and nothing is written to a store.

    Raises:
        MissedLinksError: Splink is not installed, there are too few links to learn from, or a field
            that is compared is not agreed.
    """
    refuse_without_splink()
    rules = _rules(policy)
    people, cases = policy.dpia.people_source, policy.dpia.cases_source
    _define_rows(connection, policy, rules)
    linked = one_number(connection, f"SELECT count(label) FROM {_CASES}")
    unlinked = one_number(connection, f"SELECT count(*) - count(label) FROM {_CASES}")
    if linked < LEAST_LINKED:
        raise MissedLinksError(
            f"Fewer than {LEAST_LINKED} cases link by CRN, so that there is nothing to learn from; "
            f"wait for more drops of {people} and {cases}."
        )
    try:
        with _unheard():
            ratios = _likelihood_ratios(connection, policy, rules) if unlinked else _no_ratios()
    except Exception as error:  # its messages may quote rows
        raise MissedLinksError(
            f"Splink could not compare the rows ({type(error).__name__}); install the version that "
            f"this was tried with: {INSTALL}"
        ) from None
    known = one_number(connection, f"SELECT count(DISTINCT crn) FROM {_PEOPLE}")
    chances = chances_of_a_link(ratios, unlinked, known)
    certain = policy.dpia.cohort.same_person.certain
    return MissedLinks(
        linked=linked,
        unlinked=unlinked,
        expected=float(chances.sum()),
        standard_error=float(np.sqrt((chances * (1 - chances)).sum())),
        sure=int((chances >= _SURE).sum()),
        same_name_and_certain=one_number(
            connection,
            f"SELECT count(*) FROM {_CASES} AS cases WHERE label IS NULL AND EXISTS (FROM {_PEOPLE}"
            " AS people WHERE people.surname = cases.surname AND people.forename = cases.forename "
            f"AND people.{certain} = cases.{certain})",
        ),
        near_misses=one_number(
            connection,
            f"SELECT count(*) FROM {_CASES} WHERE label IS NULL AND crn IN "
            "(SELECT crn_sent FROM restricted.near_misses)",
        ),
    )


def chances_of_a_link(ratios: pd.DataFrame, cases: int, people: int) -> NDArray[np.float64]:
    """How likely it is that each case is of one of the people, of those that have a pair at all.

    `ratios` has `case_id`, `person` and `ratio`: how much more likely a pair agrees as it does if
    it is one person. Each case is of one of the people, equally likely of each, with an unknown
    probability that is the same for all cases; it is estimated by maximum likelihood (an EM of one
    parameter). A pair that is not there counts as one that does not agree at all.
    """
    sums = ratios.groupby(["case_id", "person"])["ratio"].max().groupby("case_id").sum()
    evidence = sums.to_numpy(dtype=float) / max(people, 1)
    share, before = 0.5, -1.0
    chances = np.zeros(len(evidence))
    for _ in range(_STEPS):
        if abs(share - before) < _CLOSE or not len(evidence):
            break
        before = share
        chances = share * evidence / (share * evidence + 1 - share)
        share = float(chances.sum()) / cases
    return chances


def _rules(policy: Policy) -> MissedLinkRules:
    """What the policy says of it; the source of cases is agreed."""
    rules = policy.dpia.cohort.missed_links
    if rules is None or policy.dpia.cases_source not in policy.sources:
        raise MissedLinksError(
            "Missed links are estimated where cohort.missed_links says from what and a source of "
            "cases is agreed, which this evaluation does not have: look through safer-streets "
            "review list instead."
        )
    return rules


def _define_rows(
    connection: duckdb.DuckDBPyConnection, policy: Policy, rules: MissedLinkRules
) -> None:
    same = policy.dpia.cohort.same_person
    for name, day in rules.day.items():
        table = _PEOPLE if name == policy.dpia.people_source else _CASES
        source = policy.sources[name]
        naming = name_field(source)
        if naming is None or same.certain not in {field.name for field in source.fields}:
            raise MissedLinksError(
                f"The name or the {same.certain_words} of {name} is not agreed, and without them "
                "nothing can be estimated."
            )
        make_latest(connection, policy, name)
        compared = _compared(source, policy, rules)
        connection.execute(
            read_sql("cohort", "missed_links").format(
                table=table,
                name=quoted_name(naming),
                compared=", ".join(f"{sql} AS {one}" for one, sql in compared.items()),
                columns=", ".join(compared),
                dated=quoted_name(day),
            )
        )
    for table, other in ((_PEOPLE, _CASES), (_CASES, _PEOPLE)):
        connection.execute(f"UPDATE {table} SET label = crn WHERE crn IN (SELECT crn FROM {other})")


def _compared(source: Source, policy: Policy, rules: MissedLinkRules) -> dict[str, str]:
    """Each field that is compared to the SQL of its text; NULL where the source has it not."""
    agreed = {field.name for field in source.fields}
    also = {one: quoted_name(one) if one in agreed else "NULL" for one in rules.also}
    return {
        one: f"({sql})::VARCHAR" for one, sql in {**compared_sql(source, policy), **also}.items()
    }


@contextmanager
def _unheard() -> Iterator[None]:
    """Nothing is printed, warned of or logged meanwhile: the libraries may quote rows."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with StringIO() as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
            yield
    finally:
        logging.disable(before)


def _no_ratios() -> pd.DataFrame:
    return pd.DataFrame({"case_id": [], "person": [], "ratio": []})


def _likelihood_ratios(
    connection: duckdb.DuckDBPyConnection, policy: Policy, rules: MissedLinkRules
) -> pd.DataFrame:
    """Pairs of a case that links to nobody and a person, with the ratio of likelihoods.

    Pairs are made where all of one list of `alike` is the same; others are taken not to be one
    person.
    """
    splink: Any = import_module("splink")
    library: Any = import_module("splink.comparison_library")
    settings = splink.SettingsCreator(
        link_type="link_only",
        comparisons=_comparisons(library, policy, rules),
        blocking_rules_to_generate_predictions=[splink.block_on(*one) for one in rules.alike],
    )
    tables = [_CASES, _PEOPLE]
    backend = splink.DuckDBAPI(connection=connection)
    learning = splink.Linker(tables, settings, backend, set_up_basic_logging=False)
    learning.training.estimate_u_using_random_sampling(max_pairs=_RANDOM_PAIRS, seed=_SEED)
    learning.training.estimate_m_from_label_column("label")
    model = with_floors(learning.misc.save_model_to_json())
    comparing = splink.Linker(tables, model, backend, set_up_basic_logging=False)
    pairs = comparing.inference.predict()
    return connection.execute(
        "SELECT unique_id_l AS case_id, people.crn AS person, pow(2, match_weight) AS ratio "
        f"FROM {pairs.physical_name} AS pairs JOIN {_CASES} AS cases "
        f"ON cases.unique_id = pairs.unique_id_l JOIN {_PEOPLE} AS people "
        "ON people.unique_id = pairs.unique_id_r WHERE cases.label IS NULL"
    ).df()


def _comparisons(library: Any, policy: Policy, rules: MissedLinkRules) -> Sequence[Any]:
    compared = policy.dpia.cohort.same_person.compared
    dates = [one for one, how in compared.items() if how == "date"]
    return [
        *(library.JaroWinklerAtThresholds(part, [0.9, 0.8]) for part in NAME_PARTS),
        *(library.DamerauLevenshteinAtThresholds(one, [1, 2]) for one in dates),
        library.DamerauLevenshteinAtThresholds(DAY, [1]),
        *(library.ExactMatch(one) for one in compared if one not in dates),
        *(library.ExactMatch(one) for one in rules.also),
    ]


def with_floors(model: dict[str, Any]) -> dict[str, Any]:
    """A model of Splink in which no agreement is impossible, and no pair is a match before it is
    looked at: its weights are then the ratios of likelihoods alone."""
    made: dict[str, Any] = json.loads(json.dumps(model))
    made["probability_two_random_records_match"] = 0.5
    for comparison in made["comparisons"]:
        for level in comparison["comparison_levels"]:
            if not level.get("is_null_level"):
                for name in ("m_probability", "u_probability"):
                    found = level.get(name)
                    usual = found if isinstance(found, (int, float)) else 0.0
                    level[name] = min(max(float(usual), _FLOOR), 1.0)
    return made
