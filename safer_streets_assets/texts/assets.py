"""Redacted free text in Dagster."""

from __future__ import annotations

import dagster as dg

from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import POOL, asset_arguments, guarded, rows_metadata
from safer_streets_assets.texts.catalogue import COUNTS, REDACTED
from safer_streets_assets.texts.redacted_texts import count_redactions, make_redacted_texts

GROUP = "texts"


def build_assets(policy: Policy) -> list[dg.AssetsDefinition]:
    """The redacted copy of free texts, and the counts of what is masked in it."""
    return [_redacted_texts(policy), _redaction_counts(policy)]


def _redacted_texts(policy: Policy) -> dg.AssetsDefinition:
    @dg.asset(
        name=REDACTED,
        deps=[source.conformed.table for source in policy.sources.values()],
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                "Every free text with names that E&I holds, CRNs, telephone numbers, e-mail "
                "addresses, postcodes, dates of birth and lines of addresses masked. All of them "
                "are redacted anew by every run, since a drop may bring new names."
            ),
            personal_data="pseudonymised",
            section="depersonalisation",
            columns=Catalogue(policy).columns("research", REDACTED),
        ),
    )
    @guarded
    def redacted_texts(stores: StoresResource) -> dg.MaterializeResult:
        with stores.get_connection(
            write=["restricted", "research"], read=["registers"]
        ) as connection:
            texts = make_redacted_texts(connection, policy)
        return dg.MaterializeResult(metadata=rows_metadata(texts))

    return redacted_texts


def _redaction_counts(policy: Policy) -> dg.AssetsDefinition:
    @dg.asset(
        name=COUNTS,
        deps=[REDACTED],
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                "How many identifiers are masked in free texts, by source and kind. The counts are "
                "not protected: they stay in the research store and are not printed."
            ),
            personal_data="pseudonymised",
            section="depersonalisation",
            columns=Catalogue(policy).columns("research", COUNTS),
        ),
    )
    @guarded
    def redaction_counts(stores: StoresResource) -> dg.MaterializeResult:
        with stores.get_connection(write=["research"]) as connection:
            rows = count_redactions(connection)
        return dg.MaterializeResult(metadata=rows_metadata(rows))

    return redaction_counts
