"""The release in Dagster: published only when proven safe, and checked as it lies there."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import dagster as dg
import duckdb

from safer_streets_assets import __version__
from safer_streets_assets.cohort.identifiers import count_identifying
from safer_streets_assets.disclosure.assets import TABLES_PAGE, sizes_table
from safer_streets_assets.disclosure.earlier import PublishedFiles, published_files
from safer_streets_assets.disclosure.proving import unproven_statistics, unproven_tables
from safer_streets_assets.disclosure.stored_tables import StoredProtection, load_protection
from safer_streets_assets.intake.ledger_counts import loaded_drop_ids
from safer_streets_assets.policy import Policy
from safer_streets_assets.quotes.printing import printable_quotes
from safer_streets_assets.quotes.records import complete_records
from safer_streets_assets.release.against_aggregates import refuse_changed
from safer_streets_assets.release.checksums import read_quotes
from safer_streets_assets.release.consistency import refuse_damaged
from safer_streets_assets.release.content import ReleaseContent
from safer_streets_assets.release.drop_references import drop_references
from safer_streets_assets.release.errors import UnsafeReleaseError
from safer_streets_assets.release.in_dagster import release_metadata
from safer_streets_assets.release.invented import rests_on_invented
from safer_streets_assets.release.notes import notes_for
from safer_streets_assets.release.publishing import Published, publish_release
from safer_streets_assets.release.quotes import printed_words
from safer_streets_assets.release.report import INDEX as LIST_OF_RELEASES
from safer_streets_assets.release.report import REPORT
from safer_streets_assets.release.schedule import is_automatic, next_release_from
from safer_streets_assets.release.standing import READABLE, read_standings
from safer_streets_assets.release.up_to_date import record_up_to_date
from safer_streets_assets.release.workbook.names import WorkbookNames
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.sql_files import quoted_name
from safer_streets_assets.stores.steps import (
    POOL,
    asset_arguments,
    guarded,
    rows_metadata,
)
from safer_streets_assets.stores.stored_table import ColumnDoc
from safer_streets_assets.texts.redacted_texts import texts_that_name

GROUP = "release"
INDEX = {
    "table_name": ColumnDoc("VARCHAR", "Name of the published table"),
    "title": ColumnDoc("VARCHAR", "What it shows"),
    "population": ColumnDoc("VARCHAR", "Who is counted"),
    "dimensions": ColumnDoc("VARCHAR[]", "Its dimension columns"),
    "counts": ColumnDoc("VARCHAR[]", "Its count columns"),
    "threshold": ColumnDoc("INTEGER", "Counts below it are not printed"),
    "release_id": ColumnDoc("VARCHAR", "The release it is of"),
    "source": ColumnDoc("VARCHAR", "Where the figures come from"),
    "notes": ColumnDoc("VARCHAR", "What a reader must know"),
}


def build_assets(policy: Policy) -> list[dg.AssetsDefinition]:
    """The assets of the release stage."""
    return [_published(policy)]


def build_checks(policy: Policy) -> list[dg.AssetChecksDefinition]:
    """The checks of the release as it lies in the published store."""
    return [_whole(), _names_nobody(policy)]


def _published(policy: Policy) -> dg.AssetsDefinition:
    @dg.asset(
        name="published_tables",
        deps=["protected_tables"],
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                "The release: published.duckdb, one CSV and one Parquet a table, a workbook of all "
                "tables, a report, a briefing, slides, charts, the approved quotes, release.json "
                "and checksums, built beside and put in place whole. Nothing new, or nothing of it "
                "proven safe, no new release; a run of the sensor or a schedule waits for the "
                "policy's time between releases."
            ),
            personal_data="none",
            section="reporting",
            columns=INDEX,
            kinds=("duckdb", "csv", "parquet"),
        ),
    )
    @guarded
    def published_tables(stores: StoresResource) -> dg.MaterializeResult:
        with stores.get_connection(read=["restricted"], write=["registers"]) as connection:
            complete_records(connection)
            waits = next_release_from(connection, policy)
        if waits is not None and is_automatic(stores.run_tags) and now_utc() < waits:
            return dg.MaterializeResult(
                metadata={"waits_until": f"{waits:%Y-%m-%d}", **_links(stores, policy)}
            )
        with stores.get_connection(read=["research", "registers", "restricted"]) as connection:
            if not loaded_drop_ids(connection):
                # Every drop was quarantined, refused or held: a release of zeros says nothing.
                return dg.MaterializeResult(metadata={"nothing_to_publish": True})
            stored = load_protection(connection, policy)
            stays = stays_published(stores.folder, connection, stored)
            if stays is not None:
                return dg.MaterializeResult(
                    metadata={"stays_published": stays, **_links(stores, policy, stays)}
                )
            files = published_files(stores.folder, connection)
            refuse_unproven(policy, stores, connection, stored, files)
            invented = rests_on_invented(connection, policy)
            quotes = printable_quotes(connection, policy)
        with stores.get_connection(write=["registers"]) as connection:
            published = publish_release(
                stores.folder,
                connection,
                policy.at_levels(stored.levels),
                ReleaseContent(
                    tables=stored.tables,
                    summary=stored.summary,
                    notes=notes_for(policy.at_levels(stored.levels), stored, with_rows(files)),
                    structure=stored.structure,
                    drop_ids=drop_references(stores.folder, connection),
                    choices=stored.choices,
                    invented=invented,
                    quotes=quotes,
                ),
                now=now_utc(),
                code_version=__version__,
            )
            record_up_to_date(connection, policy, published.release_id)
        # Reading queries takes half a second to import, which only a new release is worth.
        from safer_streets_assets.lineage.in_dagster import lineage_metadata

        return dg.MaterializeResult(
            metadata=rows_metadata(
                sum(len(frame) for frame in stored.tables.values()),
                **figures_of(policy, published),
                **_links(stores, policy, published.release_id),
                release_id=published.release_id,
                release_number=published.number,
                changed=published.changed,
                state=published.state,
                quotes=len(quotes),
                printed=sizes_table(policy, stored.tables, stored.summary),
                **lineage_metadata(policy),
            )
        )

    return published_tables


def figures_of(policy: Policy, published: Published) -> dict[str, dg.MetadataValue]:
    """What Dagster shows of the figures of a release: nothing of one that not everybody may read,
    since Dagster's pages are open to more people."""
    readable = published.state in READABLE
    return release_metadata(policy, published.path) if readable else {}


def _links(
    stores: StoresResource, policy: Policy, release_id: str | None = None
) -> dict[str, dg.MetadataValue]:
    """Where the release and the published store lie, and what the tables are."""
    published = stores.folder.published
    release: dict[str, Path] = {}
    if release_id is not None:
        place = stores.folder.releases / release_id
        names = WorkbookNames.of(policy)
        files = {"report": REPORT, "workbook": names.xlsx, "workbook_ods": names.ods}
        release = {"release_folder": place, **{name: place / file for name, file in files.items()}}
    places = {
        "published_store": published / "published.duckdb",
        "list_of_releases": published / LIST_OF_RELEASES,
        **release,
    }
    return {
        **{name: dg.MetadataValue.path(str(place)) for name, place in places.items()},
        "explained_in": dg.MetadataValue.path(TABLES_PAGE),
        "protected_as": dg.MetadataValue.asset(dg.AssetKey("protected_tables")),
    }


def with_rows(files: Sequence[PublishedFiles]) -> set[str]:
    """The tables of which any of the releases prints a row."""
    return {name for one in files for name, frame in one.tables.items() if len(frame)}


def stays_published(
    folder: DataFolder, connection: duckdb.DuckDBPyConnection, stored: StoredProtection
) -> str | None:
    """The current release, or the newest where there is none, when it stays because nothing of what
    has come since is proven safe to print; None otherwise. The registers are attached."""
    parts = stored.structure["tables"]
    if not parts or not all(entry["withheld"] for entry in parts):
        return None
    standings = read_standings(folder, connection)
    stays = standings.current or standings.newest
    return None if stays is None else stays.release_id


def refuse_unproven(
    policy: Policy,
    stores: StoresResource,
    connection: duckdb.DuckDBPyConnection,
    stored: StoredProtection,
    files: Sequence[PublishedFiles],
) -> None:
    """Attacks what is about to be printed, with all earlier releases, whatever was said before.

    `files` are those of the earlier releases.

    Raises:
        UnsafeReleaseError: a table that is not withheld is not proven safe, prints something else
            than was counted or a statistic that tells of too few, or is not described as it is.
    """
    refuse_changed(policy, stores.folder, connection, stored)
    unproven = unproven_tables(policy, stores.folder, connection, stored, files)
    if unproven:
        name, said = next(iter(unproven.items()))
        raise UnsafeReleaseError(
            f"The release is not published because {name} is not proven safe: {said}; materialise "
            "protected_tables again."
        )
    found = unproven_statistics(policy, stores.folder, connection, stored, files)
    if found:
        raise UnsafeReleaseError(
            f"The release is not published because of {found[0].statistic} in table "
            f"{found[0].table}: {found[0].why}; materialise protected_tables again."
        )


def _whole() -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="published_tables",
        name="release_is_whole",
        pool=POOL,
        description=(
            "The current release, and one that waits for approval, is there with the checksums it "
            "was made with, and published.duckdb is the current one's."
        ),
    )
    @guarded
    def release_is_whole(stores: StoresResource) -> dg.AssetCheckResult:
        with stores.get_connection(read=["registers"]) as connection:
            standings = read_standings(stores.folder, connection)
        for one in (standings.candidate, standings.current):
            if one is not None:
                refuse_damaged(stores.folder, one)
        counts: dict[str, int | str] = {"releases": len(standings.releases)}
        if standings.candidate is not None:
            counts["waits_for_approval"] = standings.candidate.release_id
        published = stores.folder.published / "published.duckdb"
        if standings.current is None:
            # While nothing was taken in, or nothing is approved, nothing is published.
            return dg.AssetCheckResult(passed=not published.exists(), metadata=counts)
        release_id = standings.current.release_id
        own = stores.folder.releases / release_id / "published.duckdb"
        same = published.read_bytes() == own.read_bytes()
        return dg.AssetCheckResult(passed=same, metadata={"release_id": release_id, **counts})

    return release_is_whole


def _names_nobody(policy: Policy) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="published_tables",
        name="no_direct_identifiers_published",
        pool=POOL,
        description=(
            "No text of published.duckdb is, or looks like, a direct identifier, and in no quote "
            "of the newest release is what is surely one of somebody held."
        ),
    )
    @guarded
    def no_direct_identifiers_published(stores: StoresResource) -> dg.AssetCheckResult:
        published = stores.folder.published / "published.duckdb"
        texts = published_texts(published) if published.exists() else set()
        with stores.get_connection(read=["restricted", "registers"]) as connection:
            quotes = newest_quotes(stores.folder, connection)
            found = count_identifying(connection, policy, texts | set(quotes))
            found += texts_that_name(connection, policy, quotes)
        return dg.AssetCheckResult(
            passed=found == 0,
            metadata={"texts_looked_at": len(texts) + len(quotes), "texts_found": found},
        )

    return no_direct_identifiers_published


def newest_quotes(folder: DataFolder, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The words of the quotes of the newest release; the registers are attached."""
    newest = connection.execute(
        "SELECT release_id FROM registers.releases ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return [] if newest is None else printed_words(read_quotes(folder.releases / newest[0]))


def published_texts(path: Path) -> set[str]:
    """Every distinct text of the tables of a published database."""
    texts: set[str] = set()
    with duckdb.connect(str(path), read_only=True) as connection:
        columns = connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns() "
            "WHERE data_type = 'VARCHAR' AND NOT internal AND database_name = current_database() "
            "ORDER BY table_name"
        ).fetchall()
        for table, own in groupby(columns, key=itemgetter(0)):
            listed = ", ".join(quoted_name(column) for _, column in own)
            rows = connection.execute(
                f"SELECT DISTINCT text FROM (SELECT unnest([{listed}]) AS text "
                f"FROM {quoted_name(table)}) WHERE text IS NOT NULL"
            ).fetchall()
            texts |= {text for (text,) in rows}
    return texts
