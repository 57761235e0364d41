"""The queries of the cohort, with what the sources that the policy believes state."""

from __future__ import annotations

from safer_streets_assets.policy import Policy, PolicyError


def cohort_sql(policy: Policy, table: str) -> str:
    """The query of a table of the cohort, with what the believed source states in its braces.

    Raises:
        PolicyError: something stands in its braces that the policy does not state.
    """
    rules = policy.dpia.cohort
    stated = {name: by.get(rules.believed[name], "") for name, by in rules.stated.items()}
    query = policy.sql[f"cohort/{table}"]
    if table != next(iter(rules.tables)):
        return query
    try:
        return query.format(**stated)
    except (LookupError, ValueError, AttributeError):
        raise PolicyError(
            f"sql/cohort/{table}.sql, whole file: in braces stands something else than a name "
            "under cohort.stated; double the braces, or correct it."
        ) from None


def cohort_parameters(policy: Policy, query: str) -> dict[str, int]:
    """The parameters of a query of the cohort, of those that the policy has."""
    rules, eligibility = policy.dpia.cohort, policy.dpia.eligibility
    given = {
        **({"midpoint_sessions": rules.midpoint_sessions} if rules.midpoint_sessions else {}),
        "programme_sessions": rules.programme_sessions,
        **({"minimum_age": eligibility.minimum_age} if eligibility is not None else {}),
    }
    return {name: value for name, value in given.items() if f"${name}" in query}
