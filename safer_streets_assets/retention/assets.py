"""Retention in Dagster: the register, its enforcement, and the certificates."""

from __future__ import annotations

from datetime import date

import dagster as dg
import pandas as pd

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.due import today_of
from safer_streets_assets.retention.enforcement.enforcing import enforce
from safer_streets_assets.retention.holdings.holding import Holding, counts_by_state
from safer_streets_assets.retention.holdings.register import (
    NOT_SET_OFF,
    next_in_words,
    read_register,
    store_register,
)
from safer_streets_assets.retention.records.certificates import certificates
from safer_streets_assets.retention.records.machine_clock import watch_clock
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.ids import SHOWN_DIGITS
from safer_streets_assets.stores.preflight import ready_registers
from safer_streets_assets.stores.register_copy import heal_registers, keep_copy
from safer_streets_assets.stores.registers import ensure_registers, now_utc
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import (
    POOL,
    asset_arguments,
    guarded,
    rows_metadata,
    table_of,
)

GROUP = "retention"
SCHEDULE_PAGE = "docs/retention.md"
MOST_SHOWN = 200


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
            columns=Catalogue(policy).columns("registers", "retention_register"),
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
            columns=Catalogue(policy).columns("registers", "deletion_certificates"),
        ),
    )
    @guarded
    def retention_enforcement(context, stores: StoresResource) -> dg.MaterializeResult:  # type: ignore[no-untyped-def]
        # SQLAlchemy takes long to import, and to load the definitions needs none of it.
        from safer_streets_assets.retention.history.pruning import forget_erased

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
            columns=Catalogue(policy).columns("registers", "deletion_certificates"),
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
