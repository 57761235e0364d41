"""Retention in Dagster: the register, its enforcement, and the certificates."""

from __future__ import annotations

from datetime import date

import dagster as dg
import pandas as pd

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.certificates import certificates
from safer_streets_assets.retention.clock import watch_clock
from safer_streets_assets.retention.enforcement import enforce
from safer_streets_assets.retention.forgetting import forget_erased
from safer_streets_assets.retention.holdings import Holding, counts_by_state
from safer_streets_assets.retention.register import read_register
from safer_streets_assets.retention.stored import (
    NOT_SET_OFF,
    next_in_words,
    store_register,
    today_of,
)
from safer_streets_assets.stores.ids import SHOWN_DIGITS
from safer_streets_assets.stores.preflight import ready_registers
from safer_streets_assets.stores.register_copy import heal_registers, keep_copy
from safer_streets_assets.stores.registers import ensure_registers, now_utc
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import (
    POOL,
    ColumnDoc,
    asset_arguments,
    guarded,
    rows_metadata,
    table_of,
)

GROUP = "retention"
SCHEDULE_PAGE = "docs/retention.md"
MOST_SHOWN = 200
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
    "processor": ColumnDoc("VARCHAR", "Who gathers it for the controller, or N/A"),
    "dpia_article_6": ColumnDoc("VARCHAR", "What the DPIA's table of the lawful basis says"),
    "dpia_article_9": ColumnDoc("VARCHAR", "The same under Article 9"),
    "dpia_article_10": ColumnDoc("VARCHAR", "The same under Article 10"),
    "open_question": ColumnDoc(
        "VARCHAR", "Where the DPIA and the code differ, until it is answered in the policy"
    ),
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
    "role": ColumnDoc("VARCHAR", "Role that answers for it"),
    "verified_by": ColumnDoc("VARCHAR", "Program and user that verified it, or who settled it"),
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
        heal_registers(stores.folder, now_utc())
        ready_registers(stores.folder, is_locked=True)
        holdings = read_register(stores.folder, policy, today_of(policy))
        with stores.get_connection(write=["registers"]) as connection:
            store_register(connection, holdings)
        return dg.MaterializeResult(
            metadata=rows_metadata(
                len(holdings),
                next_due=next_in_words(holdings, today_of(policy)) or NOT_SET_OFF,
                states=_states_table(holdings),
                holdings=_holdings_table(holdings),
                **_links("retention_enforcement"),
            )
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
        keep_copy(stores.folder)
        today = today_of(policy)
        return dg.MaterializeResult(
            metadata=rows_metadata(
                len(written),
                erased=[one.what for one in written],
                next_due=next_in_words(read_register(stores.folder, policy, today), today)
                or NOT_SET_OFF,
                **_links("retention_register", "deletion_certificate"),
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
        return dg.MaterializeResult(
            metadata=rows_metadata(
                len(found), latest=_certificates_table(found), **_links("retention_enforcement")
            )
        )

    return deletion_certificate


def _links(*assets: str) -> dict[str, dg.MetadataValue]:
    """The assets that the figures go on in, and the page that explains them."""
    return {
        **{name: dg.MetadataValue.asset(dg.AssetKey(name)) for name in assets},
        "explained_in": dg.MetadataValue.path(SCHEDULE_PAGE),
    }


def _states_table(holdings: list[Holding]) -> dg.TableMetadataValue:
    return table_of({"state": "string", "holdings": "int"}, counts_by_state(holdings).items())


def _holdings_table(holdings: list[Holding]) -> dg.TableMetadataValue:
    """The holdings that are there, what is due first on top: no rows of anybody, and no counts."""
    held = [holding for holding in holdings if holding.is_held]
    held.sort(key=lambda holding: (holding.clock.due_on or date.max, holding.holding))
    columns = ("what", "store", "rule", "due_on", "state", "controller", "open_question")
    return table_of(
        dict.fromkeys(columns, "string"),
        [
            (
                h.what,
                h.store,
                h.clock.rule,
                f"{h.clock.due_on}" if h.clock.due_on else "",
                h.state,
                h.legal.controller,
                h.legal.open_question,
            )
            for h in held[:MOST_SHOWN]
        ],
    )


def _certificates_table(found: pd.DataFrame) -> dg.TableMetadataValue:
    """The latest certificates, newest first."""
    latest = found[::-1].head(MOST_SHOWN)
    return table_of(
        dict.fromkeys(("certificate", "what", "rule", "due_on", "erased_at"), "string"),
        [
            (str(name)[:SHOWN_DIGITS], what, rule, f"{due_on:%Y-%m-%d}", f"{at:%Y-%m-%d %H:%M} UTC")
            for name, what, rule, due_on, at in latest[
                ["certificate_id", "what", "rule", "due_on", "erased_at"]
            ].itertuples(index=False)
        ],
    )
