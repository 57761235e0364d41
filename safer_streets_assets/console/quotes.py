"""The commands of quotes. Lists hold no word of anybody: words are shown when asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from rich.console import Console

from safer_streets_assets.console.confirming import Question
from safer_streets_assets.console.handing_out import (
    csv_of_texts,
    personal_stores,
    read_list,
    write_new_private_file,
)
from safer_streets_assets.console.summary import print_table
from safer_streets_assets.intake.name_decisions import question_key
from safer_streets_assets.intake.raw_tables import ensure_raw_tables
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.quotes.deciding import (
    approve,
    propose,
    refuse_to_approve,
    settle,
    withdraw,
    withdraw_of,
)
from safer_streets_assets.quotes.errors import QuoteError
from safer_streets_assets.quotes.printing import QuoteJudge
from safer_streets_assets.quotes.questions import question_of, questions
from safer_streets_assets.quotes.quotable import QuotableTexts, quotable_texts
from safer_streets_assets.quotes.records import (
    GoneQuote,
    Quote,
    ensure_quotes,
    quotes_gone,
    quotes_held,
)
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.ids import the_one
from safer_streets_assets.stores.queries import tables_in
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets.stores.sql_files import read_sql
from safer_streets_assets.stores.who import who_acts

COLUMNS = ("text_id", "source", "question", "text")
_CONFIRMED_DIGITS = 12
_NEXT = "The next release does so: safer-streets run makes it."


@dataclass(frozen=True)
class _Stores:
    """The stores of a command on quotes, the policy, and the key of the questions of names."""

    connection: duckdb.DuckDBPyConnection
    policy: Policy
    key: str = field(repr=False)

    def texts(self) -> QuotableTexts:
        """The texts that may be quoted."""
        if "person_pseudonyms" not in tables_in(self.connection, "restricted"):
            raise QuoteError("Nothing was evaluated yet: run safer-streets run first.")
        return quotable_texts(self.connection, self.policy, self.key)

    def find(self, given: str) -> Quote:
        """The quote that is held under an id, or the beginning of one."""
        found = the_one(quotes_held(self.connection), lambda one: one.quote_id, given)
        if found is None:
            raise QuoteError("No quote of this id is held; safer-streets quotes list shows them.")
        return found


def print_quotes(console: Console, data: Path | None) -> None:
    """Prints every quote by id, with its state and why it is not printed: no word of it."""
    with _stores(data) as stores:
        policy, held = stores.policy, quotes_held(stores.connection)
        states = _states(stores, held)
        gone = quotes_gone(stores.connection)
    lines = [
        (o.quote_id, *_place(policy, o), o.consent, o.proposed.name, states[o.quote_id])
        for o in held
    ]
    lines += [(o.quote_id, *_place(policy, o), o.consent, o.decided_by, "erased") for o in gone]
    if not lines:
        console.print(
            "There are no quotes. safer-streets quotes texts says what may be quoted.",
            soft_wrap=True,
        )
        return
    heading = ("id", "source", "question", "consent", "proposed by", "state")
    print_table(console, "Quotes", heading, lines)


def print_texts(console: Console, data: Path | None) -> None:
    """Prints how many texts may be quoted, by question."""
    with _stores(data) as stores:
        texts, policy = stores.texts(), stores.policy
    least = policy.dpia.quotes.least_answers
    rows = []
    for question in questions(policy):
        place = (question.source, question.field)
        own = sum((one.source, one.field) == place for one in texts.by_id.values())
        answered = texts.answered.get(place, 0)
        rows.append((question.source, question.asked, own, "yes" if answered >= least else "no"))
    print_table(
        console,
        "Texts that may be quoted",
        ("source", "question", "texts", f"answered by {least} people"),
        rows,
    )
    console.print(
        "safer-streets quotes texts --out FILE writes them with identifiers masked, to a file for "
        "you alone.",
        soft_wrap=True,
    )


def hand_out_texts(console: Console, data: Path | None, out: Path) -> None:
    """Writes the texts, with identifiers masked, to a new file that only its owner can read."""
    with _stores(data) as stores:
        texts, policy = stores.texts(), stores.policy
    order = {(one.source, one.field): (at, one.asked) for at, one in enumerate(questions(policy))}
    found = sorted(
        texts.by_id.values(), key=lambda one: (order[one.source, one.field][0], one.text_id)
    )
    rows = ((o.text_id, o.source, order[o.source, o.field][1], o.masked) for o in found)
    write_new_private_file(out, csv_of_texts(COLUMNS, rows))
    console.print(
        f"Wrote {len(found)} texts. Names that nobody holds stand in them: treat the file as "
        "personal data. Propose one with safer-streets quotes propose TEXT_ID --consent CODE, and "
        "erase the file.",
        soft_wrap=True,
    )


def propose_quote(
    console: Console, data: Path | None, text_id: str, consent: str, passage: Path | None
) -> None:
    """Proposes a text or a passage of it."""
    words = None if passage is None else _text_of(read_list(passage))
    with _stores(data) as stores:
        texts = stores.texts()
        text = the_one(texts.by_id.values(), lambda one: one.text_id, text_id)
        if text is None:
            raise QuoteError(
                "No text of this id is held; safer-streets quotes texts --out writes them."
            )
        quote = propose(
            stores.connection,
            stores.policy,
            text,
            words,
            consent.strip(),
            who_acts(),
            stores.key,
            now_utc(),
        )
        by = stores.policy.dpia.quotes.approval
    who = "Another user of the system approves" if by == "two-person" else "Approve"
    console.print(
        f"Quote {quote.quote_id} is proposed. {who} it: safer-streets quotes approve "
        f"{quote.quote_id} (safer-streets quotes show {quote.quote_id} shows its words).",
        soft_wrap=True,
    )


def show_quote(console: Console, data: Path | None, quote_id: str, out: Path | None) -> None:
    """Shows the words of a quote, or writes them and nothing else to a new private file."""
    with _stores(data) as stores:
        quote = stores.find(quote_id)
    if out is None:
        _show(console, quote)
    else:
        write_new_private_file(out, quote.words.encode())
        console.print(f"Wrote the words. SHA-256: {quote.words_hash}", soft_wrap=True)


def approve_quote(console: Console, data: Path | None, quote_id: str, given: str | None) -> None:
    """Shows the words of a quote, asks for the first digits of their hash, and approves them."""
    who = who_acts()
    with _stores(data) as stores:
        quote = stores.find(quote_id)
        refuse_to_approve(stores.policy, quote, who)
        _show(console, quote)
        Question(
            word=quote.words_hash[:_CONFIRMED_DIGITS],
            prompt=(
                "Does it tell who wrote it or of whom, by a name, a nickname or what only one has? "
                f"If not, type the first {_CONFIRMED_DIGITS} digits of the SHA-256"
            ),
            given=given,
            option="--confirm",
        ).ask()
        approve(
            stores.connection,
            stores.policy,
            quote,
            stores.texts(),
            who,
            stores.key,
            now_utc(),
        )
    console.print(f"Quote {quote.quote_id} is approved, to be printed. {_NEXT}", soft_wrap=True)


def withdraw_quote(console: Console, data: Path | None, quote_id: str) -> None:
    """Withdraws a quote, and records which user of the system did."""
    with _stores(data) as stores:
        quote = stores.find(quote_id)
        withdraw(stores.connection, quote, who_acts(), stores.key, now_utc())
    console.print(
        f"Quote {quote.quote_id} is withdrawn, to be printed no more. {_NEXT} Releases that were "
        "published keep it.",
        soft_wrap=True,
    )


def settle_quotes(folder: DataFolder, policy: Policy) -> None:
    """Finishes what killed commands left undone, and withdraws the quotes of whoever objected."""
    if folder.database("restricted").exists():
        with open_stores(folder, write=["restricted", "registers"]) as connection:
            settle(connection, policy, who_acts(), now_utc())


def withdraw_quotes_of(
    console: Console, folder: DataFolder, crns: Collection[str], drop_ids: Collection[str]
) -> None:
    """Withdraws the quotes of a person or of drops whose erasure was asked for, and says so."""
    with open_stores(folder, write=["restricted", "registers"]) as connection:
        count = withdraw_of(connection, crns, drop_ids, who_acts(), now_utc())
    say_withdrawn(console, count)


def say_withdrawn(console: Console, count: int) -> None:
    """Says that quotes were withdrawn along with something else; nothing where none was."""
    if count:
        console.print(f"{count} of the quotes were withdrawn. {_NEXT}", soft_wrap=True)


@contextmanager
def _stores(data: Path | None) -> Iterator[_Stores]:
    policy = load_policy()
    with personal_stores(DataFolder.locate(data)) as connection:
        ensure_raw_tables(connection, policy)
        ensure_quotes(connection)
        connection.execute(read_sql("texts", "masked_words"))
        key = question_key(connection)
        settle(connection, policy, who_acts(), now_utc())
        yield _Stores(connection, policy, key)


def _states(stores: _Stores, held: list[Quote]) -> dict[str, str]:
    """What is said of each quote that is held."""
    if not held:
        return {}
    judge = QuoteJudge.of(stores.connection, stores.policy, stores.texts(), stores.key)
    found = {}
    for one in held:
        why = judge.why_not_printed(one)
        if one.approved is None or one.is_withdrawn:
            found[one.quote_id] = one.state
        else:
            found[one.quote_id] = "approved" if why is None else f"approved, not printed: {why}"
    return found


def _place(policy: Policy, quote: Quote | GoneQuote) -> tuple[str, str]:
    question = question_of(policy, quote.source, quote.field)
    return quote.source, quote.field if question is None else question.asked


def _show(console: Console, quote: Quote) -> None:
    """The words as they would be printed, and their hash: nothing is wrapped or marked up."""
    console.print(quote.words, soft_wrap=True, markup=False, highlight=False, emoji=False)
    console.print(f"SHA-256: {quote.words_hash}", soft_wrap=True)


def _text_of(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise QuoteError("The passage is no text in UTF-8; save it as that.") from None
