"""Retention in Dagster: the register, its enforcement, and the certificates."""

from __future__ import annotations

import dagster as dg

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.certificates import certificates
from safer_streets_assets.retention.clock import watch_clock
from safer_streets_assets.retention.enforcement import enforce
from safer_streets_assets.retention.forgetting import forget_erased
from safer_streets_assets.retention.holdings import Holding, counts_by_state
from safer_streets_assets.retention.register import read_register
from safer_streets_assets.retention.stored import store_register, today_of
from safer_streets_assets.stores.preflight import ready_registers
from safer_streets_assets.stores.registers import ensure_registers, now_utc
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import (
    POOL,
    ColumnDoc,
    asset_arguments,
    guarded,
    rows_metadata,
)

GROUP = "retention"
REGISTER = {
    "holding": ColumnDoc("VARCHAR", "Stable name of the holding"),
    "store": ColumnDoc("VARCHAR", "Store it lies in"),
    "what": ColumnDoc("VARCHAR", "What it is"),
    "whereabouts": ColumnDoc("VARCHAR", "Where it lies below the data folder, or the keys"),
    "owner": ColumnDoc("VARCHAR", "Who answers for it in the unit"),
    "source": ColumnDoc("VARCHAR", "Sources it comes from"),
    "controller": ColumnDoc("VARCHAR", "Data controller"),
    "classification": ColumnDoc("VARCHAR", "Protective marking"),
    "article_6": ColumnDoc("VARCHAR", "Lawful basis under Article 6"),
    "article_9": ColumnDoc("VARCHAR", "Condition under Article 9, or N/A"),
    "article_10": ColumnDoc("VARCHAR", "Condition for criminal offence data, or N/A"),
    "special_category": ColumnDoc("BOOLEAN", "Whether it holds special category data"),
    "rule": ColumnDoc("VARCHAR", "Rule of the retention schedule"),
    "trigger": ColumnDoc("VARCHAR", "What sets the rule off"),
    "triggered_on": ColumnDoc("DATE", "When it was set off"),
    "due_on": ColumnDoc("DATE", "When it is due"),
    "state": ColumnDoc("VARCHAR", "held, due within N days, due, overdue, erased ..."),
    "row_count": ColumnDoc("BIGINT", "Rows, where rows apply and the store opens"),
    "files": ColumnDoc("BIGINT", "Files that belong to this line alone"),
    "bytes": ColumnDoc("BIGINT", "Bytes of those files"),
}
CERTIFICATES = {
    "certificate_id": ColumnDoc("VARCHAR", "Identity of the certificate"),
    "holding": ColumnDoc("VARCHAR", "Holding that was erased"),
    "store": ColumnDoc("VARCHAR", "Store it lay in"),
    "what": ColumnDoc("VARCHAR", "What it was"),
    "rule": ColumnDoc("VARCHAR", "Rule of the retention schedule"),
    "due_on": ColumnDoc("DATE", "When it was due"),
    "erased_at": ColumnDoc("TIMESTAMP", "When it was erased, UTC"),
    "files": ColumnDoc("BIGINT", "Files erased"),
    "bytes": ColumnDoc("BIGINT", "Bytes erased"),
    "row_count": ColumnDoc("BIGINT", "Rows erased, where rows apply"),
    "method": ColumnDoc("VARCHAR", "How it was erased"),
    "verification": ColumnDoc("VARCHAR", "How that was verified"),
    "not_reached": ColumnDoc("VARCHAR", "What erasure cannot reach"),
    "number": ColumnDoc("BIGINT", "Place in the chain of certificates, from 1"),
    "previous_hash": ColumnDoc("VARCHAR", "Hash of the certificate before"),
    "hash": ColumnDoc("VARCHAR", "SHA-256 over number, hash before and every fact"),
}


def build_assets(policy: Policy) -> list[dg.AssetsDefinition]:
    """The assets of retention, in the order of the flow."""
    return [_register(policy), _enforcement(policy), _certificates(policy)]


def _register(policy: Policy) -> dg.AssetsDefinition:
    @dg.asset(
        name="retention_register",
        deps=["drop_ledger", "published_tables"],
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                "One line a holding: where it lies, why it may be held, by which rule it is due, "
                "when, and its state. Everything under the data folder is on it."
            ),
            personal_data="none",
            section="retention",
            columns=REGISTER,
        ),
    )
    @guarded
    def retention_register(stores: StoresResource) -> dg.MaterializeResult:
        ready_registers(stores.folder)
        holdings = read_register(stores.folder, policy, today_of(policy))
        with stores.get_connection(write=["registers"]) as connection:
            store_register(connection, holdings)
        return dg.MaterializeResult(
            metadata=rows_metadata(len(holdings), states=_states_table(holdings))
        )

    return retention_register


def _enforcement(policy: Policy) -> dg.AssetsDefinition:
    @dg.asset(
        name="retention_enforcement",
        deps=["retention_register"],
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                "Erases what is due: keys first, then the bytes, then the certificate. When "
                "personal data is erased the evaluation is closed; releases stay."
            ),
            personal_data="none",
            section="retention",
            columns=CERTIFICATES,
        ),
    )
    @guarded
    def retention_enforcement(context, stores: StoresResource) -> dg.MaterializeResult:  # type: ignore[no-untyped-def]
        with stores.get_connection(write=["registers"]) as connection:
            ensure_registers(connection)
            watch_clock(connection, policy, now_utc())
        written = enforce(stores.folder, policy, today_of(policy), now_utc())
        pruned = forget_erased(context.instance, stores.folder)
        return dg.MaterializeResult(
            metadata=rows_metadata(
                len(written),
                erased=[one.what for one in written],
                runs_pruned=pruned.runs if pruned else 0,
            )
        )

    return retention_enforcement


def _certificates(policy: Policy) -> dg.AssetsDefinition:
    @dg.asset(
        name="deletion_certificate",
        deps=["retention_enforcement"],
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                "What was erased, by which rule and method, how that was verified, and what could "
                "not be reached. No identifiers."
            ),
            personal_data="none",
            section="transparency",
            columns=CERTIFICATES,
        ),
    )
    @guarded
    def deletion_certificate(stores: StoresResource) -> dg.MaterializeResult:
        with stores.get_connection(read=["registers"]) as connection:
            found = certificates(connection)
        return dg.MaterializeResult(metadata=rows_metadata(len(found)))

    return deletion_certificate


def _states_table(holdings: list[Holding]) -> dg.TableMetadataValue:
    return dg.TableMetadataValue(
        records=[
            dg.TableRecord({"state": state, "holdings": count})
            for state, count in counts_by_state(holdings).items()
        ],
        schema=dg.TableSchema(
            columns=[dg.TableColumn("state", "string"), dg.TableColumn("holdings", "int")]
        ),
    )
