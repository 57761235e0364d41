"""`safer-streets quotes`: passages in somebody's own words, proposed, approved and withdrawn."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safer_streets_assets.console.screen import Data, console

quotes = typer.Typer(no_args_is_help=True, help="Passages in people's own words, for a release.")

QuoteId = Annotated[str, typer.Argument(metavar="ID", help="The id of the list.")]
NewFile = Annotated[
    Path | None, typer.Option("--out", help="A new file for the words, for its owner alone.")
]


def add_commands(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(quotes, name="quotes")


@quotes.command("list")
def quotes_list(data: Data = None) -> None:
    """Lists quotes by random id: source, question and state, and why one is not printed."""
    from safer_streets_assets.console.quotes import print_quotes

    print_quotes(console, data)


@quotes.command("texts")
def quotes_texts(out: NewFile = None, data: Data = None) -> None:
    """Counts the texts that may be quoted, by question, or writes them with identifiers masked."""
    from safer_streets_assets.console.quotes import hand_out_texts, print_texts

    if out is None:
        print_texts(console, data)
    else:
        hand_out_texts(console, data, out)


@quotes.command("propose")
def quotes_propose(
    text: Annotated[str, typer.Argument(metavar="TEXT_ID", help="The id of quotes texts --out.")],
    consent: Annotated[
        str, typer.Option("--consent", help="Which consent to be quoted there is: see dpia.yaml.")
    ],
    passage: Annotated[
        Path | None,
        typer.Option(
            "--passage", help="A file with the passage to quote (default: the whole text, masked)."
        ),
    ] = None,
    data: Data = None,
) -> None:
    """Proposes a text with its identifiers masked, or a passage of that."""
    from safer_streets_assets.console.quotes import propose_quote

    propose_quote(console, data, text, consent, passage)


@quotes.command("show")
def quotes_show(quote: QuoteId, out: NewFile = None, data: Data = None) -> None:
    """Shows the exact words of a quote and their SHA-256, or writes the words to a new file."""
    from safer_streets_assets.console.quotes import show_quote

    show_quote(console, data, quote, out)


@quotes.command("approve")
def quotes_approve(
    quote: QuoteId,
    confirm: Annotated[
        str | None,
        typer.Option("--confirm", help="The first digits of the SHA-256, as they are shown."),
    ] = None,
    data: Data = None,
) -> None:
    """Shows the exact words of a quote and approves them: the next release prints these."""
    from safer_streets_assets.console.quotes import approve_quote

    approve_quote(console, data, quote, confirm)


@quotes.command("withdraw")
def quotes_withdraw(quote: QuoteId, data: Data = None) -> None:
    """Withdraws a quote: the next release is without it."""
    from safer_streets_assets.console.quotes import withdraw_quote

    withdraw_quote(console, data, quote)
