"""When the programme opens where and for which offences, by the policy, as the agencies know it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import date

from safer_streets_assets.policy import load_policy


@functools.cache
def opening_dates() -> Mapping[str, date]:
    """Borough to the date the programme opened there, by the shipped policy."""
    return load_policy().dpia.opening_dates


@functools.cache
def offences_in_scope() -> frozenset[str]:
    """The offence codes in scope, by the shipped policy."""
    return frozenset(load_policy().dpia.offence_codes)
