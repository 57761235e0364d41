"""The check of redacted free text: what is masked stays masked, and nothing is left to mask."""

from __future__ import annotations

import dagster as dg

from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import POOL, guarded
from safer_streets_assets.texts.catalogue import REDACTED
from safer_streets_assets.texts.redacted_texts import texts_left_to_mask


def build_checks(policy: Policy) -> list[dg.AssetChecksDefinition]:
    """The checks of redacted free text."""
    return [_names_nobody(policy)]


def _names_nobody(policy: Policy) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=REDACTED,
        name="redacted_texts_name_nobody",
        blocking=True,
        pool=POOL,
        description=(
            "No redacted text holds a CRN, an e-mail address, a telephone number, a postcode, a "
            "date of birth or a name that is surely one of those held."
        ),
    )
    @guarded
    def redacted_texts_name_nobody(stores: StoresResource) -> dg.AssetCheckResult:
        with stores.get_connection(read=["research", "restricted"]) as connection:
            left = texts_left_to_mask(connection, policy)
        return dg.AssetCheckResult(passed=left == 0, metadata={"texts_left_to_mask": left})

    return redacted_texts_name_nobody
