"""CHANGELOG.md of a release: what changed since the one before, in words, the headline first.

Every number in it is a printed one, or a number of printed figures. Of what is not printed it says
nothing: that a figure is hidden now and was not before would tell that it moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from safer_streets_assets.disclosure.coarsening import coarse_dimensions
from safer_streets_assets.disclosure.core import TOTAL
from safer_streets_assets.disclosure.core_tables import columns_apart
from safer_streets_assets.policy import Policy
from safer_streets_assets.release.comparing import (
    CsvTable,
    Figure,
    appeared,
    changed,
    printed,
)
from safer_streets_assets.release.csv_files import read_csv
from safer_streets_assets.release.database import Identity
from safer_streets_assets.release.headline import FUNNEL, GATES, CsvFiles, headline
from safer_streets_assets.release.invented import INVENTED
from safer_streets_assets.release.wording import begun, enumerated, moved, number

TOLD_WHOLE = (FUNNEL, GATES)
"""Every figure of these is in the headline."""
NOTHING_ELSE = (
    "No printed value changed; the notes, the policy, or which figures may be printed did."
)


def changelog(
    policy: Policy,
    identity: Identity,
    tables: CsvFiles,
    before: CsvFiles | None,
    quotes: Sequence[str] = (),
) -> str:
    """The text of CHANGELOG.md; the tables are given as CSV, by name.

    `before` is None when there is no earlier release or its files are not there any more. `quotes`
    is what is said of quotes, in sentences.
    """
    made = f"Made {identity.made_at:%Y-%m-%d}."
    lines = [f"# {identity.release_id}", "", f"{made} {INVENTED}" if identity.invented else made]
    if identity.previous is None:
        lines += ["", f"The first release: {number(len(tables), 'table')}."]
    elif before is None:
        lines += [
            "",
            f"The files of release {identity.previous} are not there or are damaged, so the tables "
            "could not be compared with it.",
        ]
    else:
        lines += [
            "",
            f"What changed since release {identity.previous}. Only figures that both releases "
            "print are compared.",
        ]
    return "\n".join([*lines, *sections(policy, tables, before, quotes)]) + "\n"


def sections(
    policy: Policy, tables: CsvFiles, before: CsvFiles | None, quotes: Sequence[str] = ()
) -> list[str]:
    """What a release says, and what otherwise than the one before, in lines of Markdown; as
    `changelog`, of which they are the rest below its first sentence."""
    old = before or {}
    first = list(headline(policy, tables, old))
    said = list(_coarse(policy, tables, old))
    if before is not None:
        said += _differences(policy, tables, before)
        if not (first or said or quotes):
            said = [NOTHING_ELSE]
    return [
        *_section("Headline", first),
        *_section("Tables", said),
        *_section("Quotes", quotes),
    ]


def _section(title: str, sentences: Sequence[str]) -> list[str]:
    said = [f"- {sentence}" for sentence in sentences]
    return ["", f"## {title}", "", *said] if said else []


def _differences(policy: Policy, tables: CsvFiles, before: CsvFiles) -> Iterator[str]:
    added = [name for name in tables if name not in before]
    removed = [name for name in before if name not in tables]
    if added:
        yield f"Tables added: {', '.join(added)}."
    if removed:
        yield f"Tables removed: {', '.join(removed)}."
    for name, content in tables.items():
        if name in before and name not in TOLD_WHOLE:
            sentence = _table(policy, name, content, before[name])
            if sentence:
                yield f"{policy.tables.tables[name].title} (`{name}`): {sentence}"


def _coarse(policy: Policy, tables: CsvFiles, before: CsvFiles) -> Iterator[str]:
    """Which tables stand at a coarser level than the policy's dimensions, and did not before."""
    for name, content in tables.items():
        for by, of, always in coarse_dimensions(policy, name):
            if always or (
                name in before
                and (
                    content == before[name] or _shared(content, before[name], of.replace(" ", "_"))
                )
            ):
                continue
            title = policy.tables.tables[name].title
            yield f"{title} (`{name}`): by {by} in place of {of}, which is too fine to print."


def _shared(now: bytes, before: bytes, column: str) -> set[str]:
    """The categories of a column that stand in both of two tables given as CSV, Total left out."""
    found = []
    for content in (now, before):
        header, rows = read_csv(content)
        at = header.index(column) if column in header else None
        found.append({row[at] for row in rows} if at is not None else set())
    return (found[0] & found[1]) - {TOTAL}


def _table(policy: Policy, name: str, content: bytes, old: bytes) -> str:
    """What changed in a table that both releases have; empty when nothing did."""
    dimensions = list(policy.tables.columns(name))
    now, before = printed(content, dimensions), printed(old, dimensions)
    if now is None or before is None:
        return "its dimensions changed."
    if now.rows and not before.rows:
        return "it is printed for the first time."
    if before.rows and not now.rows:
        return _withdrawn(policy, name)
    counts = list(policy.tables.tables[name].counts)
    sentences = [*_moves(policy, name, now, list(changed(now, before)))]
    sentences += _categories(policy, name, now, before)
    more = appeared(now, before, counts)
    if more:
        sentences.append(f"{begun(number(more, 'more count'))} can be shown")
    return ". ".join(sentences) + "." if sentences else ""


def _withdrawn(policy: Policy, name: str) -> str:
    """What is said of a table that lost its rows: of one behind a gate, that the gate closed."""
    waits = policy.tables.tables[name].gate
    title = next((gate.title for gate in policy.dpia.gates if gate.name == waits), None)
    if title is None:
        return "it has no rows any more."
    return f"it is withdrawn, because its gate is closed again: {title}."


def _moves(policy: Policy, name: str, now: CsvTable, figures: list[Figure]) -> Iterator[str]:
    """How many figures changed, and the count that moved furthest: of a category before all."""
    counts = policy.tables.tables[name].counts
    columns = policy.tables.columns(name)
    adding = [at for at, column in enumerate(columns) if columns[column].total]
    moving = [figure for figure in figures if figure.column in counts]
    of_some = [f for f in moving if any(f.key[at] != TOTAL for at in adding)]
    moving = of_some or moving
    if figures:
        yield f"{begun(number(len(figures), 'figure'))} changed"
    if moving:
        far = max(moving, key=lambda figure: figure.distance)
        what = f" ({counts[far.column].title.lower()})" if len(counts) > 1 else ""
        yield f"The largest change: {now.said(far.key)}{what} {moved(far.before, far.now)}"


def _categories(policy: Policy, name: str, now: CsvTable, before: CsvTable) -> Iterator[str]:
    """Which categories are new, and which can be shown that could not be before; not in a table
    whose questions each have answers of their own."""
    if columns_apart(policy, name):
        return
    counts = list(policy.tables.tables[name].counts)
    for column, dimension in policy.tables.columns(name).items():
        was, rows = set(before.holding(column, counts)), before.categories(column)
        found = [c for c in now.holding(column, counts) if c not in was]
        word = dimension.by or column.replace("_", " ")
        for what, of in (
            ("new", [c for c in found if c not in rows]),
            ("can now be shown", [c for c in found if c in rows]),
        ):
            if of:
                names = enumerated([now.called(column, category) for category in of])
                said = f"{'is' if len(of) == 1 else 'are'} new" if what == "new" else what
                yield f"{begun(number(len(of), word))} {said}: {names}"
