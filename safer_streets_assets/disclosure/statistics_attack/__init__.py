"""An attacker on printed statistics, and what is hidden so that it finds nothing.

`found_by_statistics` attacks what is about to be printed with all that was;
`hide_unproven_statistics` hides statistics until it finds nothing. Both take tables as printed, and
nothing else: neither stores nor true values belong here, and hidden counts are for `core`.
"""

from safer_streets_assets.disclosure.statistics_attack.hiding import (
    FoundStatistic,
    found_by_statistics,
    hide_unproven_statistics,
)

__all__ = ["FoundStatistic", "found_by_statistics", "hide_unproven_statistics"]
