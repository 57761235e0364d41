"""What an answer is made of: rows of one table, with what the law asks to be said of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from safer_streets_assets.intake.anonymity import KnownNames
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention import Holding
from safer_streets_assets.retention.holdings.rules import LegalFacts, facts_of_sources

WITHHELD = "[withheld: names somebody else]"

TextRow = Mapping[str, str | None]
"""Column to text, as it was sent or as it is stored; None where there is nothing."""


@dataclass(frozen=True)
class AnswerPart:
    """Rows of one table that are about a person: where they lie, and all that is said of them.

    `columns` maps each column to what it is for. `kept_until` and the rest are sentences for the
    person. The repr holds no row.
    """

    what: str
    store: str
    table: str
    legal: LegalFacts
    recipients: str
    kept_until: str
    send_on: str
    columns: Mapping[str, str]
    rows: Sequence[TextRow] = field(repr=False)


@dataclass(frozen=True)
class Withheld:
    """A text that is kept back because it names, or may name, somebody else."""

    what: str
    row: int
    column: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class PartBuilder:
    """The register of holdings by name, and the policy: what can be said of a table."""

    holdings: Mapping[str, Holding]
    policy: Policy

    def part(
        self,
        what: str,
        store: str,
        table: str,
        sources: Collection[str],
        holding: str,
        columns: Mapping[str, str],
        rows: Sequence[TextRow],
    ) -> AnswerPart:
        """A part with the law of its sources and the due day of its holding."""
        rights = self.policy.dpia.rights
        send_on = [rights.send_on[name] for name in rights.send_on if name in sources]
        return AnswerPart(
            what=what,
            store=store,
            table=table,
            legal=facts_of_sources(self.policy, sources),
            recipients=rights.recipients["research" if store == "research" else "restricted"],
            kept_until=self._kept_until(holding),
            send_on=" ".join(send_on),
            columns=columns,
            rows=rows,
        )

    def _kept_until(self, holding: str) -> str:
        clock = self.holdings[holding].clock
        title = self.policy.dpia.retention.rules[clock.rule].title
        if clock.due_on is None:
            return f"{title}: the day is not set yet, because that has not happened"
        return f"{clock.due_on:%d/%m/%Y} ({title})"


def withhold(
    part: AnswerPart, columns: Collection[str], names: Collection[frozenset[str]]
) -> tuple[AnswerPart, list[Withheld]]:
    """The part without texts that name others, and these texts.

    Kept back are the texts of `columns`, and of any other column a text that holds all words of
    one of the `names`.
    """
    known = KnownNames(names)
    rows: list[TextRow] = []
    withheld: list[Withheld] = []
    for number, row in enumerate(part.rows, start=1):
        shown = dict(row)
        for column, text in row.items():
            if text is None:
                continue
            if column in columns or known.any_in(text):
                shown[column] = WITHHELD
                withheld.append(Withheld(part.what, number, column, text))
        rows.append(shown)
    return replace(part, rows=rows), withheld
