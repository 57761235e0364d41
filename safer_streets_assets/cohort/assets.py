"""The cohort in Dagster: pseudonyms, conformed tables and the linked cohort."""

from __future__ import annotations

import dagster as dg

from safer_streets_assets.cohort.conformed import conform, count_unknown
from safer_streets_assets.cohort.crn_findings import record_findings
from safer_streets_assets.cohort.linkage import funnel_counts, link_cohort, reconcile
from safer_streets_assets.cohort.near_misses import find_near_misses
from safer_streets_assets.cohort.pseudonyms import make_pseudonyms
from safer_streets_assets.cohort.reviews import OPEN, complete_audit, near_misses
from safer_streets_assets.cohort.winning_rows import count_left_out
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.dpia import LINKED_COHORT
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import POOL, asset_arguments, guarded, rows_metadata

GROUP = "cohort"


def build_assets(policy: Policy) -> list[dg.AssetsDefinition]:
    """The assets of the cohort stage, in the order of the flow."""
    conformed = [_conformed(policy, name) for name in policy.sources]
    return [_pseudonyms(policy), _near_misses(policy), *conformed, _linked_cohort(policy)]


def _pseudonyms(policy: Policy) -> dg.AssetsDefinition:
    @dg.asset(
        name="person_pseudonyms",
        deps=["drop_ledger"],
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                "The only place where CRNs and pseudonyms stand side by side: HMAC-SHA-256 of the "
                "normalised CRN under a key that is kept apart."
            ),
            personal_data="direct identifiers",
            section="depersonalisation",
            columns=Catalogue(policy).columns("restricted", "person_pseudonyms"),
        ),
    )
    @guarded
    def person_pseudonyms(stores: StoresResource) -> dg.MaterializeResult:
        with stores.get_connection(write=["restricted"]) as connection:
            people = make_pseudonyms(connection, stores.folder, policy)
        return dg.MaterializeResult(metadata=rows_metadata(people))

    return person_pseudonyms


def _near_misses(policy: Policy) -> dg.AssetsDefinition:
    @dg.asset(
        name="near_misses",
        deps=["person_pseudonyms"],
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                "CRNs that link to nobody and are one slip away from exactly one of the source of "
                "people, with nothing on the rows that contradicts. An operator decides on each "
                "with safer-streets review; an accepted one links from the next run on. Beside it "
                "crn_findings of the research store: near misses, malformed CRNs and people under "
                "two CRNs, by pseudonym."
            ),
            personal_data="direct identifiers",
            section="depersonalisation",
            columns=Catalogue(policy).columns("restricted", "near_misses"),
        ),
    )
    @guarded
    def near_miss_crns(stores: StoresResource) -> dg.MaterializeResult:
        with stores.get_connection(write=["restricted", "registers", "research"]) as connection:
            ensure_registers(connection)
            found = find_near_misses(connection, stores.folder, policy)
            complete_audit(connection)
            waiting = sum(one.state == OPEN for one in near_misses(connection))
            findings = record_findings(connection, policy)
        return dg.MaterializeResult(
            metadata=rows_metadata(found, waiting_for_a_decision=waiting, findings_on_crns=findings)
        )

    return near_miss_crns


def _conformed(policy: Policy, source_name: str) -> dg.AssetsDefinition:
    source = policy.sources[source_name]

    @dg.asset(
        name=source.conformed.table,
        deps=[raw_table(source_name), "person_pseudonyms"],
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                f"{source.title}, conformed: one row for each identity "
                f"({', '.join(source.identity)}), the latest version of it, typed, with the "
                "pseudonym in place of direct identifiers and without free text."
            ),
            personal_data="none" if source.anonymous else "pseudonymised",
            section="depersonalisation",
            columns=Catalogue(policy).columns("research", source.conformed.table),
            classification=source.classification,
        ),
    )
    @guarded
    def conformed(stores: StoresResource) -> dg.MaterializeResult:
        with stores.get_connection(
            write=["research", "registers"], read=["restricted"]
        ) as connection:
            versions = conform(connection, policy, source_name)
            left_out = count_left_out(connection, policy, source_name)
            unknown = count_unknown(connection, source_name)
        return dg.MaterializeResult(
            metadata=rows_metadata(
                versions.conformed,
                rows_read=versions.rows_read,
                rows_set_aside=versions.set_aside,
                duplicate_rows=versions.duplicates,
                corrected_rows=versions.corrections,
                identifying_values_left_out=left_out,
                rows_with_unknown_words=unknown,
            )
        )

    return conformed


def _linked_cohort(policy: Policy) -> dg.AssetsDefinition:
    cohort = policy.dpia.cohort.tables[LINKED_COHORT]
    agreement = policy.dpia.expected.agreement

    @dg.asset(
        name="linked_cohort",
        deps=[source.conformed.table for source in policy.sources.values() if not source.anonymous],
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=cohort.says or cohort.title,
            personal_data="pseudonymised",
            section="eligibility",
            columns=Catalogue(policy).columns("research", "linked_cohort"),
        ),
    )
    @guarded
    def linked_cohort(stores: StoresResource) -> dg.MaterializeResult:
        with stores.get_connection(write=["research"]) as connection:
            people = link_cohort(connection, policy)
            reconciled = sum(reconcile(connection, policy, agreement)) if agreement else None
            stages = len(funnel_counts(connection, policy))
        # Stage counts are small numbers of people: they stay in the store and are not shown here.
        return dg.MaterializeResult(
            metadata=rows_metadata(
                people,
                funnel_stages=stages,
                **({} if reconciled is None else {"people_reconciled": reconciled}),
            )
        )

    return linked_cohort
