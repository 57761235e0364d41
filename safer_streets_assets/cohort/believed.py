"""The query of the linked cohort, with what the source that the policy believes says."""

from __future__ import annotations

from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.sql_files import read_sql

_GENDER_BY_NPS = "gender"
_GENDER_BY_CRC = """CASE
        WHEN crc_gender IN (SELECT words FROM not_stated) THEN gender
        ELSE coalesce(crc_gender, gender)
    END"""


def linked_cohort_sql(policy: Policy) -> str:
    """The query of the linked cohort: with the gender by CRC where the policy believes CRC on it.

    Where CRC does not know the gender, or does not have the person, it is that of NPS all the same.
    Everything else that both sources send is taken from NPS, since eligibility rests on it; the
    policy is refused otherwise.
    """
    by_crc = policy.dpia.cohort.believed.gender != policy.dpia.people_source
    gender = _GENDER_BY_CRC if by_crc else _GENDER_BY_NPS
    return read_sql("cohort", "linked_cohort").format(gender=gender)
