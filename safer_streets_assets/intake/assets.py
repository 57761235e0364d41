"""Intake in Dagster: what arrived, the raw tables, and the ledger of drops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields

import dagster as dg

from safer_streets_assets.intake.checks import held_table
from safer_streets_assets.intake.intake_counts import TakenIn
from safer_streets_assets.intake.ledger_counts import (
    DayOfIntake,
    held_findings,
    intake_by_day,
    ledger_counts,
    set_aside_counts,
)
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.intake.returns import write_returns
from safer_streets_assets.intake.take_in import register_landing, take_in
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.preflight import preflight
from safer_streets_assets.stores.queries import one_number
from safer_streets_assets.stores.registers import refuse_to_go_on_when_closed
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import (
    POOL,
    asset_arguments,
    guarded,
    rows_metadata,
)

GROUP = "intake"


def build_assets(
    policy: Policy, begin: Callable[[DataFolder], None] = preflight
) -> list[dg.AssetsDefinition]:
    """The assets of intake, in the order of the flow; a run begins with `begin`."""
    named = [name for name, source in policy.sources.items() if not source.anonymous]
    anonymous = [name for name, source in policy.sources.items() if source.anonymous]
    arrivals = _arrivals(policy, begin)
    raw = [_raw(policy, name, ["drop_arrivals"]) for name in named]
    # Anonymous material is held against the names in the other sources, so it comes after them.
    raw += [_raw(policy, name, [raw_table(other) for other in named]) for name in anonymous]
    return [arrivals, *raw, _ledger(policy)]


def _arrivals(policy: Policy, begin: Callable[[DataFolder], None]) -> dg.AssetsDefinition:
    @dg.asset(
        name="drop_arrivals",
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                "Settled files of the landing folder, put on the ledger under the hash of their "
                "bytes. What no agreement covers is refused unread and sealed in quarantine."
            ),
            personal_data="direct identifiers",
            section="minimisation",
            columns=Catalogue(policy).columns("restricted", "arrivals"),
        ),
    )
    @guarded
    def drop_arrivals(stores: StoresResource) -> dg.MaterializeResult:
        begin(stores.folder)
        with stores.get_connection(write=["restricted", "registers"]) as connection:
            look, refused = register_landing(connection, stores.folder, policy)
            refuse_to_go_on_when_closed(connection)
        return dg.MaterializeResult(
            metadata=rows_metadata(
                len(look.settled),
                still_arriving=len(look.arriving),
                not_files=look.not_files,
                unreadable_files=refused.unreadable,
                refused=refused.refused,
            )
        )

    return drop_arrivals


def _raw(policy: Policy, name: str, deps: list[str]) -> dg.AssetsDefinition:
    source = policy.sources[name]

    @dg.asset(
        name=raw_table(name),
        deps=deps,
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                f"{source.title} as {source.sender} sent them: the agreed fields of the rows "
                "that pass the rules. Other rows are set aside with the reason, and a drop that "
                "cannot be taken in is quarantined."
            ),
            personal_data="free text" if source.anonymous else "direct identifiers",
            section=source.section,
            columns=Catalogue(policy).columns("restricted", raw_table(name)),
            kinds=("duckdb", *source.formats[:2]),
            classification=source.classification,
        ),
    )
    @guarded
    def raw(stores: StoresResource) -> dg.MaterializeResult:
        with stores.get_connection(write=["restricted", "registers"]) as connection:
            taken = take_in(connection, stores.folder, policy, name)
            rows = one_number(connection, f"SELECT count(*) FROM restricted.{raw_table(name)}")
        return dg.MaterializeResult(metadata=rows_metadata(rows, **_counts(taken)))

    return raw


def _ledger(policy: Policy) -> dg.AssetsDefinition:
    @dg.asset(
        name="drop_ledger",
        deps=[raw_table(name) for name in policy.sources],
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                "Every drop that ever arrived, once, with what became of it; rows set aside are "
                "counted by reason. A drop that differs too much from those before it is held for "
                "an operator. No personal data and no file names. For each source a workbook "
                "of its rows that still wait for a correction is sealed in the restricted store."
            ),
            personal_data="none",
            section="transparency",
            columns=Catalogue(policy).columns("registers", "drops"),
        ),
    )
    @guarded
    def drop_ledger(stores: StoresResource) -> dg.MaterializeResult:
        with stores.get_connection(read=["registers", "restricted"]) as connection:
            by_state = ledger_counts(connection)
            by_reason = set_aside_counts(connection, policy)
            held = held_findings(connection)
            days = intake_by_day(connection)
            returned = write_returns(connection, stores.folder, policy)
        return dg.MaterializeResult(
            metadata=rows_metadata(
                sum(count.drops for count in by_state),
                rows_to_send_back=sum(returned.values()),
                drops=dg.TableMetadataValue(
                    records=[
                        dg.TableRecord(
                            {
                                "source": count.source,
                                "state": count.state,
                                "reason": count.reason or "",
                                "drops": count.drops,
                                "rows_loaded": count.rows_loaded,
                                "rows_set_aside": count.rows_set_aside,
                            }
                        )
                        for count in by_state
                    ],
                    schema=dg.TableSchema(
                        columns=[
                            dg.TableColumn("source", "string"),
                            dg.TableColumn("state", "string"),
                            dg.TableColumn("reason", "string"),
                            dg.TableColumn("drops", "int"),
                            dg.TableColumn("rows_loaded", "int"),
                            dg.TableColumn("rows_set_aside", "int"),
                        ]
                    ),
                ),
                set_aside=dg.TableMetadataValue(
                    records=[
                        dg.TableRecord({"reason": reason, "means": means, "rows": rows})
                        for reason, means, rows in by_reason
                    ],
                    schema=dg.TableSchema(
                        columns=[
                            dg.TableColumn("reason", "string"),
                            dg.TableColumn("means", "string"),
                            dg.TableColumn("rows", "int"),
                        ]
                    ),
                ),
                held=held_table(held),
                history=_history_table(days),
            )
        )

    return drop_ledger


def _history_table(days: list[DayOfIntake]) -> dg.TableMetadataValue:
    """What became of the drops of each day they arrived on: counts only."""
    names = [field.name for field in fields(DayOfIntake)]
    return dg.TableMetadataValue(
        records=[dg.TableRecord({**asdict(day), "day": day.day.isoformat()}) for day in days],
        schema=dg.TableSchema(
            columns=[
                dg.TableColumn(name, "string" if name in ("day", "source") else "int")
                for name in names
            ]
        ),
    )


def _counts(taken: TakenIn) -> dict[str, int]:
    return {
        "drops_loaded": taken.loaded,
        "drops_quarantined": taken.quarantined,
        "drops_refused": taken.refused,
        "drops_held": taken.held,
        "rows_loaded": taken.rows_loaded,
        "rows_set_aside": taken.rows_set_aside,
    }
