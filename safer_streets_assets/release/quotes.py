"""Quotes in a release: their file, the last gate before they are written, and what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from safer_streets_assets.policy import Policy
from safer_streets_assets.quotes.printing import PrintedQuote
from safer_streets_assets.quotes.questions import question_of
from safer_streets_assets.quotes.wording import why_no_quote
from safer_streets_assets.release.content import PrintedValue
from safer_streets_assets.release.csv_files import csv_of, read_csv
from safer_streets_assets.release.errors import UnsafeReleaseError
from safer_streets_assets.release.invented import COLUMN as INVENTED_COLUMN
from safer_streets_assets.release.wording import begun, number

COLUMNS = {
    "source": "Source of the text, as the policy names it",
    "source_label": "Source of the text, in words",
    "question": "Field of the text, as the policy names it",
    "question_label": "What was asked, or the heading that the text stood under",
    "words": "The exact words; [NAME] and the like stand in place of identifiers",
    "consent": "Code of the consent to be quoted",
    "consent_label": "The consent to be quoted, in words",
}
_WORDS = list(COLUMNS).index("words")


def quotes_csv(quotes: Sequence[PrintedQuote], *, invented: bool) -> bytes | None:
    """The file of the quotes of a release, in the form of its tables; None when there are none."""
    if not quotes:
        return None
    lines: list[list[PrintedValue]] = [
        [q.source, q.source_title, q.field, q.asked, q.words, q.consent, q.consent_says]
        for q in quotes
    ]
    header: list[PrintedValue] = [*COLUMNS]
    if invented:
        header = [*header, INVENTED_COLUMN.name]
        lines = [[*line, True] for line in lines]
    return csv_of([header, *lines])


def refuse_unsafe_quotes(policy: Policy, quotes: Sequence[PrintedQuote]) -> None:
    """Refuses quotes that may not be printed, by what can be told from them and the policy alone.

    Raises:
        UnsafeReleaseError: says which source, and no word of the quote.
    """
    for quote in quotes:
        consent = policy.dpia.quotes.consents_of(quote.source).get(quote.consent)
        question = question_of(policy, quote.source, quote.field)
        if consent is None or question is None:
            said = "states no consent or no question of the policy"
        elif (quote.asked, quote.source_title, quote.consent_says) != (
            question.asked,
            question.source_title,
            consent.says,
        ):
            said = "is not described as the policy has it"
        elif (why := why_no_quote(policy, quote.words)) is not None:
            said = f"has {why}"
        else:
            continue
        raise UnsafeReleaseError(
            f"A quote of {quote.source} {said}; do not publish, and withdraw it with safer-streets "
            "quotes withdraw."
        )


def quotes_changed(now: bytes | None, before: bytes | None) -> Iterator[str]:
    """What a release says of its quotes and of those of the one before, in sentences and numbers:
    the files of both."""
    printed, earlier = _words_of(now), _words_of(before)
    if printed:
        yield f"{begun(number(len(printed), 'quote'))} in people's own words (`quotes.csv`)."
    if new := len(printed - earlier):
        yield f"New since the release before: {number(new, 'quote')}."
    if gone := len(earlier - printed):
        yield f"Not printed any more: {number(gone, 'quote')}."


def quotes_of(content: bytes | None) -> list[dict[str, str]]:
    """The lines of a file of quotes by the names of `COLUMNS`; none where there is no file."""
    if content is None:
        return []
    return [dict(zip(COLUMNS, line, strict=False)) for line in read_csv(content)[1]]


def printed_words(content: bytes | None) -> list[str]:
    """The words of a file of quotes; none where there is no file."""
    return [] if content is None else [line[_WORDS] for line in read_csv(content)[1]]


def _words_of(content: bytes | None) -> set[tuple[str, ...]]:
    if content is None:
        return set()
    _, lines = read_csv(content)
    return {tuple(line[: len(COLUMNS)]) for line in lines}
