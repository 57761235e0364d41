"""`safer-streets`: thin commands, each of which runs what Dagster runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from safer_streets_assets.console import (
    commands_backup,
    commands_drops,
    commands_erasing,
    commands_keys,
    commands_publications,
    commands_quotes,
    commands_registers,
    commands_releases,
    commands_retention_rules,
    commands_rights,
    commands_texts,
    commands_upgrade,
    commands_watching,
)
from safer_streets_assets.console.command_line import (
    BesideRuns,
    MakesDataFolder,
    ReadsPublished,
    print_version,
    share,
)
from safer_streets_assets.console.failed_commands import (
    FAILED,
    INTERRUPTED,
    SAID_INTERRUPTED,
    sentence_of,
    was_interrupted,
)
from safer_streets_assets.console.screen import Data, console
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.stores import DataFolder

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
docs = typer.Typer(no_args_is_help=True, help="Makes the generated parts of the docs.")
commands_publications.add_commands(app)
commands_drops.add_commands(app)
review = typer.Typer(no_args_is_help=True, help="Near-miss CRNs, for an operator to decide.")
app.add_typer(review, name="review")
app.add_typer(docs, name="docs")
commands_keys.add_commands(app)
commands_backup.add_commands(app)
commands_rights.add_commands(app)
commands_registers.add_commands(app)
commands_releases.add_commands(app)
commands_retention_rules.add_commands(app)
commands_texts.add_commands(app)
commands_quotes.add_commands(app)
commands_erasing.add_commands(app)
commands_upgrade.add_commands(app)
commands_watching.add_commands(app)


errors = Console(stderr=True, highlight=False)


@app.callback()
def every_command(
    data: Data = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Say which version this is.", callback=print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Takes in drops, publishes protected tables, keeps to the retention schedule."""


def main() -> None:
    """Runs a command: an error is one sentence and exit 1, a traceback shows only with --debug.

    One that an operator interrupts says so, and exits 130.
    """
    debug = "--debug" in sys.argv
    if debug:
        sys.argv.remove("--debug")
    try:
        app()
    except BaseException as error:
        if was_interrupted(error):
            say(SAID_INTERRUPTED)
            raise SystemExit(INTERRUPTED) from None
        if debug or isinstance(error, SystemExit):
            raise
        say(sentence_of(error))
        raise SystemExit(FAILED) from None


def say(sentence: str) -> None:
    """Says how a command ended."""
    errors.print(sentence, style="red", soft_wrap=True, markup=False)


@app.command(cls=MakesDataFolder)
def init(data: Data = None) -> None:
    """Makes a data folder; one that is there stays as it is."""
    folder = DataFolder.locate(data)
    console.print(f"{folder.root} is a data folder.", soft_wrap=True, markup=False)
    console.print(
        f"Put drops into {folder.landing}/<source>/, then run safer-streets run.",
        soft_wrap=True,
        markup=False,
    )


@app.command(cls=MakesDataFolder)
def run(
    data: Data = None,
    demo: Annotated[
        bool,
        typer.Option("--demo", help="Write invented drops first when there is nothing at all."),
    ] = False,
) -> None:
    """Takes in every settled drop, brings everything up to date, publishes what changed."""
    from safer_streets_assets.console.evaluation import run_evaluation

    if not run_evaluation(console, errors, data, demo=demo):
        raise SystemExit(1)


@app.command("demo-drops")
def demo_drops(
    out: Annotated[Path, typer.Argument(help="Where the folders of the sources are written.")],
    people: Annotated[int, typer.Option(min=1)] = 800,
    months: Annotated[int, typer.Option(min=1, max=36)] = 12,
    seed: int = 1,
) -> None:
    """Writes invented drops as the agencies would send them; every person is invented."""
    from safer_streets_assets.demo.drops import write_demo_drops

    manifest = write_demo_drops(out, people=people, months=months, seed=seed)
    files = sum(source.files for source in manifest.sources.values())
    console.print(f"Wrote {files} invented drops of {people} people to {out}")


@app.command()
def retention(
    data: Data = None,
    enforce: Annotated[bool, typer.Option("--enforce", help="Erase what is due now.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask: needed where there is no terminal to ask on.")
    ] = False,
    clock_is_right: Annotated[
        str | None,
        typer.Option(help="Today's date, when the clock jumped and is right: YYYY-MM-DD"),
    ] = None,
) -> None:
    """Says what is held and when it is due; with --enforce erases what is due now."""
    from safer_streets_assets.console.retention import (
        enforce_retention,
        print_due,
        print_retention_register,
        say_that_the_clock_is_right,
    )

    if clock_is_right is not None:
        say_that_the_clock_is_right(console, data, commands_publications.typed_day(clock_is_right))
    elif dry_run:
        print_due(console, data)
    elif enforce:
        enforce_retention(console, data, yes=yes)
    else:
        print_retention_register(console, data)


@app.command()
def returns(
    source: Annotated[
        str | None, typer.Argument(help="The source whose rows go back to their sender.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="A new file for the opened workbook.")
    ] = None,
    data: Data = None,
) -> None:
    """Counts rows that wait for a correction; with a source, writes the workbook for its sender."""
    from safer_streets_assets.console.returns import hand_out_return, print_returns

    if source is None and out is None:
        print_returns(console, data)
    elif source is not None and out is not None:
        hand_out_return(console, data, source, out)
    else:
        raise SaferStreetsError("Give both the source and --out FILE, or neither for the counts.")


@review.command("list")
def review_list(
    out: Annotated[
        Path | None, typer.Option("--out", help="A new .csv or .xlsx for the open ones, with CRNs.")
    ] = None,
    data: Data = None,
) -> None:
    """Lists near-miss CRNs by opaque id; with --out writes those to decide on, with their CRNs."""
    from safer_streets_assets.console.reviews import list_near_misses

    list_near_misses(console, data, out)


@review.command("accept")
def review_accept(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The list with your decisions.")],
    data: Data = None,
) -> None:
    """Carries out the decisions in a list: accepted CRNs link from the next run on."""
    from safer_streets_assets.console.reviews import accept_list

    accept_list(console, data, file)


@review.command("withdraw")
def review_withdraw(
    near_miss: Annotated[str, typer.Argument(metavar="ID", help="The opaque id of the list.")],
    data: Data = None,
) -> None:
    """Takes back what was decided about a near miss."""
    from safer_streets_assets.console.reviews import withdraw_review

    withdraw_review(console, data, near_miss)


@review.command("missed")
def review_missed(data: Data = None) -> None:
    """Estimates with Splink how many true links the CRN rule misses: counts only, nothing links."""
    from safer_streets_assets.console.reviews import print_missed_links

    print_missed_links(console, data)


@app.command(cls=ReadsPublished)
def attack(data: Data = None) -> None:
    """Attacks all releases together from what is published: counts of what follows, and a verdict.

    Nothing but the published folder is read. Exit 1 when anything is not proven safe, or when a
    release is missing or changed.
    """
    from safer_streets_assets.console.disclosure_control import attack_releases

    attack_releases(console, data)


@app.command()
def protect(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A tidy CSV of true counts.")],
    spec: Annotated[Path, typer.Option("--spec", help="What its columns are (YAML).")],
    out: Annotated[
        Path | None, typer.Option("--out", help="A new file (default: FILE_protected.csv).")
    ] = None,
) -> None:
    """Protects a table of your own: writes it with what must be hidden marked \\[c].

    Unproven is unsafe: then nothing is written, and exit 1.
    """
    from safer_streets_assets.console.disclosure_control import protect_file

    protect_file(console, file, spec, out)


@app.command(cls=BesideRuns)
def ui(
    data: Data = None,
    port: int = 3000,
    operate: Annotated[
        bool,
        typer.Option("--operate", help="Let runs be started, stopped and deleted in the pages."),
    ] = False,
    only: Annotated[
        Literal["pages", "daemon"] | None,
        typer.Option("--only", help="One of the two, in a container: pages or daemon."),
    ] = None,
    listen: Annotated[
        str,
        typer.Option("--listen", help="Where the pages answer; in a container 0.0.0.0."),
    ] = "127.0.0.1",
) -> None:
    """Opens Dagster, read-only, with its sensor and schedules running, until Ctrl-C.

    Dagster has no passwords: whoever reaches the port on this computer sees its pages.
    """
    from safer_streets_assets.console.ui import open_dagster

    folder = DataFolder.locate(data)
    open_dagster(console, folder, port, operate=operate, only=only, listen=listen)


@docs.command("write")
def docs_write(
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether they are current.")
    ] = False,
) -> None:
    """Writes the graph's picture and the generated tables of the docs."""
    from safer_streets_assets.console.instance import project_file
    from safer_streets_assets.documentation.documents import (
        README,
        stale_documents,
        write_documents,
    )

    project = project_file(README).parent
    if not check:
        for path in write_documents(project):
            console.print(f"wrote {path}")
        return
    stale = stale_documents(project)
    if stale:
        raise SaferStreetsError(
            f"{', '.join(stale)} is not current; run make docs and commit what it writes."
        )
    console.print("The generated docs are current.")


share(app)
