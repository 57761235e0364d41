"""Whether `dpia.yaml` hangs together: what one part of it names, another has."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.policy.base import Mistake
from safer_streets_assets.policy.built_on import missing_from
from safer_streets_assets.policy.dpia import Dpia
from safer_streets_assets.policy.lawful_basis import mistakes
from safer_streets_assets.policy.monitoring import OF_MONITORING, PARTICIPANTS
from safer_streets_assets.policy.retention import APPLIED, PERSONAL
from safer_streets_assets.policy.sources import (
    IDENTIFYING,
    PERSON_ID,
    AgreedField,
    Source,
)
from safer_streets_assets.policy.whole import Policy

FILE = "dpia.yaml"


NAMED_BY_ASSETS = (
    "purpose",
    "minimisation",
    "depersonalisation",
    "eligibility",
    "reporting",
    "retention",
    "transparency",
    "accountability",
)
"""The sections that the descriptions of assets name."""


def dpia_mistakes(policy: Policy) -> Iterator[Mistake]:
    """What is wrong between the parts of `dpia.yaml`, and with the words that it names."""
    for check in (
        _sections,
        _sources,
        _names_of_sources,
        _monitoring,
        _believed,
        _reoffending,
        _retention,
        _sharing,
    ):
        yield from check(policy.dpia)
    yield from _conformed(policy)
    yield from _words(policy)
    yield from _levels_of_factors(policy)


def _sections(dpia: Dpia) -> Iterator[Mistake]:
    for section in NAMED_BY_ASSETS:
        if section not in dpia.sections:
            yield _at("sections", f"there is no {section}, which assets name; add it")
    for place, section in dpia.rules_of_sections.items():
        if section not in dpia.sections:
            yield _at(
                f"{place}.section", f"section {section} is not under sections; add or correct it"
            )


def _sharing(dpia: Dpia) -> Iterator[Mistake]:
    for name in dpia.sharing:
        if name not in dpia.accountability.parties:
            yield _at(
                f"sharing.{name}",
                f"{name} is none of accountability.parties; add it there, or correct it",
            )


def _sources(dpia: Dpia) -> Iterator[Mistake]:
    for name, source in dpia.sources.items():
        for field in source.fields:
            yield from _field(dpia, name, source, field)
    if (missing := missing_from(dpia.sources, dpia.cohort.begins)) is not None:
        yield _at("sources", missing)


def _believed(dpia: Dpia) -> Iterator[Mistake]:
    """Others than the source of people may be believed where the policy says what they state."""
    for name, source in dpia.cohort.believed.items():
        stated = dpia.cohort.stated.get(name, {})
        allowed = list(dict.fromkeys((dpia.people_source, *stated)))
        if source not in allowed:
            yield _at(
                f"cohort.believed.{name}",
                f"{source} may not be believed on it; use {' or '.join(allowed)}",
            )


def _conformed(policy: Policy) -> Iterator[Mistake]:
    tables = [source.conformed.table for source in policy.dpia.sources.values()]
    for name, source in policy.dpia.sources.items():
        place, conformed = f"sources.{name}.conformed", source.conformed
        if tables.count(conformed.table) > 1:
            yield _at(
                f"{place}.table", f"two sources have the table {conformed.table}; give each its own"
            )
        if conformed.table not in policy.sql:
            yield _at(
                f"{place}.table",
                f"there is no sql/{conformed.table}.sql that makes it; put it beside dpia.yaml",
            )
        fields = {field.name for field in source.fields if field.field_class not in IDENTIFYING}
        for column in sorted(fields & conformed.adds.keys()):
            yield _at(f"{place}.adds", f"{column} is an agreed field; take it out")
        known = {*fields, *conformed.adds, *([] if source.anonymous else [PERSON_ID])}
        for key, columns in (("identity", conformed.identity), ("reference", conformed.reference)):
            for column in columns:
                if column not in known:
                    yield _at(
                        f"{place}.{key}",
                        f"{column} is no column of the conformed table; correct it",
                    )


def _field(dpia: Dpia, name: str, source: Source, field: AgreedField) -> Iterator[Mistake]:
    place = f"sources.{name}.fields.{field.name}"
    if field.codes is not None and field.codes not in dpia.code_lists:
        yield _at(
            f"{place}.codes", f"code list {field.codes} is not under code_lists; add or correct it"
        )
        return
    special = field.codes in dpia.special_category_codes
    if special and field.field_class != "special category":
        yield _at(
            f"{place}.class",
            f"code list {field.codes} has codes of special category; make it special category",
        )
    if field.codes is not None and field.field_class == "special category" and not special:
        yield _at(
            f"{place}.class",
            f"none of its codes stands under special_category_codes; list those of {field.codes}",
        )
    for other, codes in field.required_where.items():
        known = dpia.code_lists.get(source.field_named(other).codes or "", {})
        for code in codes:
            if code not in known:
                yield _at(
                    f"{place}.required_where", f"{code} is no code that {other} has; correct it"
                )


def _names_of_sources(dpia: Dpia) -> Iterator[Mistake]:
    named = [(f"rights.send_on.{name}", name) for name in dpia.rights.send_on]
    named += [(f"expected.arrivals.{name}", name) for name in dpia.expected.arrivals]
    named += [(f"drift.changing_columns.{name}", name) for name in dpia.drift.changing_columns]
    if dpia.reoffending is not None:
        named.append(("reoffending.source", dpia.reoffending.source))
    if dpia.expected.agreement is not None:
        named += [("expected.agreement.sources", one) for one in dpia.expected.agreement.sources]
    yield from _sources_of_gates(dpia)
    for place, name in named:
        if name not in dpia.sources:
            yield _at(place, f"{name} is not under sources; add or correct it")
    yield from _send_on(dpia)
    for name, columns in dpia.drift.changing_columns.items():
        for column in columns:
            if column not in {field.name for field in dpia.sources[name].fields}:
                yield _at(
                    f"drift.changing_columns.{name}",
                    f"{column} is not a field of {name}; correct it",
                )
    for mistake in mistakes(dpia.lawful_basis, dpia.sources, dpia.retention.roles):
        place, _, what = mistake.partition(": ")
        yield _at(place, what)
    names = [gate.name for gate in dpia.gates]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield _at(f"gates.{name}", "two gates have this name; give each its own")


def _sources_of_gates(dpia: Dpia) -> Iterator[Mistake]:
    for gate in dpia.gates:
        if gate.requires_source not in (None, *dpia.sources):
            yield _at(
                f"gates.{gate.name}.requires_source",
                f"gate {gate.name} requires {gate.requires_source}, which is not under sources; "
                "correct it",
            )
        for source in gate.gathers:
            if source not in dpia.sources:
                yield _at(
                    f"gates.{gate.name}.gathers",
                    f"gate {gate.name} gathers {source}, which is not under sources; correct it",
                )


def _monitoring(dpia: Dpia) -> Iterator[Mistake]:
    """Its outcomes are codes of the spreadsheet, and its blocks hold every session."""
    rules, outcomes = dpia.monitoring, dpia.code_lists.get("outcome", {})
    if rules is None:
        return
    for stage in OF_MONITORING:
        if stage not in dpia.cohort.stages:
            yield _at(
                "monitoring",
                f"it counts people from the stage {stage}, which is not among cohort.stages; name "
                "a stage so, or take monitoring out",
            )
    for stage in rules.timed:
        if stage not in dpia.cohort.stages:
            yield _at("monitoring.timed", f"{stage} is not among cohort.stages; name one of those")
    for outcome in rules.goes_on:
        if outcome not in outcomes:
            yield _at(
                "monitoring.goes_on",
                f"{outcome} is not a code under code_lists.outcome; correct it",
            )
    if rules.block_ends[-1] != dpia.cohort.programme_sessions:
        yield _at(
            "monitoring.block_ends",
            "the last block does not end at cohort.programme_sessions; correct it",
        )


def _levels_of_factors(policy: Policy) -> Iterator[Mistake]:
    """The levels at which factors enter a model are those of their hierarchies."""
    rules = policy.dpia.monitoring
    if rules is not None and PARTICIPANTS not in policy.tables.populations:
        yield _at(
            "monitoring",
            f"its factors are of the population {PARTICIPANTS}, which is not in tables.yaml; put "
            "it there, or take monitoring out",
        )
    for name, level in rules.factors.levels.items() if rules is not None else ():
        hierarchy = policy.tables.hierarchies.get(name)
        known = [one.name for one in hierarchy.levels] if hierarchy else []
        if level not in known:
            listed = ", ".join(known) or "none that is under hierarchies"
            yield _at(
                f"monitoring.factors.levels.{name}",
                f"{name} has no level {level} in tables.yaml; use one of {listed}",
            )


def _send_on(dpia: Dpia) -> Iterator[Mistake]:
    """A request about a source that is another controller's is sent on, and about no other."""
    ours = dpia.evaluation.data_controller
    for name, source in dpia.sources.items():
        sent = name in dpia.rights.send_on
        if sent and (source.anonymous or source.controller == ours):
            yield _at(
                f"rights.send_on.{name}",
                f"{ours} answers for it itself, or it is anonymous and nobody can ask; take it out",
            )
        elif not sent and not source.anonymous and source.controller != ours:
            yield _at(
                "rights.send_on",
                f"nothing says where a request about {name} goes, whose controller is "
                f"{source.controller}; say it under that name",
            )


def _reoffending(dpia: Dpia) -> Iterator[Mistake]:
    rules = dpia.reoffending
    if rules is None or rules.source not in dpia.sources:
        return
    fields = {field.name: field for field in dpia.sources[rules.source].fields}
    missing = {"event", "event_date", "searched_until"} - fields.keys()
    if missing:
        yield _at(
            "reoffending.source",
            f"source {rules.source} has no field {min(missing)}, which re-offending is counted "
            "from; list it under its fields",
        )
    elif rules.nothing_found not in dpia.code_lists.get(fields["event"].codes or "", {}):
        yield _at(
            "reoffending.nothing_found",
            f"{rules.nothing_found} is not a code of the event of its source; correct it",
        )


def _retention(dpia: Dpia) -> Iterator[Mistake]:
    """Each rule is applied by the code or named by a source, and as the code applies it."""
    rules = dpia.retention.rules
    for name, source in dpia.sources.items():
        if source.retention not in rules:
            yield _at(
                f"sources.{name}.retention",
                f"retention rule {source.retention} is not under retention.rules; add or correct "
                "it",
            )
        if source.retention in APPLIED:
            yield _at(
                f"sources.{name}.retention",
                f"retention rule {source.retention} is of another kind of holding; name that of "
                "personal data",
            )
    for name in APPLIED:
        if name not in rules:
            yield _at("retention.rules", f"there is no rule {name}, which is applied; put it back")
    named = {source.retention for source in dpia.sources.values()}
    for name, rule in rules.items():
        place = f"retention.rules.{name}"
        applied = APPLIED.get(name, PERSONAL if name in named else None)
        if applied is None:
            yield _at(
                place,
                "nothing applies this rule: no source names it, and the code applies "
                f"{', '.join(APPLIED)}; name it under retention of the sources, or take it out",
            )
            continue
        if rule.trigger != applied.trigger:
            yield _at(
                f"{place}.trigger",
                f"this rule is set off by {applied.trigger} and not by {rule.trigger}; correct it",
            )
        if rule.action not in applied.actions:
            yield _at(
                f"{place}.action",
                f"nobody would {rule.action} by this rule; use {' or '.join(applied.actions)}",
            )
        if not applied.has_period and (rule.after.months or rule.after.days):
            yield _at(
                f"{place}.after",
                "this rule waits for nothing but retention.notice_days; make it days: 0",
            )


def _words(policy: Policy) -> Iterator[Mistake]:
    """Every list of words is there once, and boroughs open under a word of their list of places."""
    lists, places = policy.word_lists, policy.places.lists
    for name in sorted(policy.vocabulary.lists.keys() & places.keys()):
        yield Mistake(
            "places.yaml", f"lists.{name}", "vocabulary.yaml has a list of this name; rename one"
        )
    for name, source in policy.dpia.sources.items():
        for field in source.fields:
            if field.words is not None and field.words not in lists:
                yield _at(
                    f"sources.{name}.fields.{field.name}.words",
                    f"{field.words} is not a list of vocabulary.yaml or places.yaml; use one of "
                    "their lists",
                )
    rules = policy.dpia.roll_out
    if rules is None:
        return
    if rules.words not in places:
        yield _at(
            "roll_out.words",
            f"{rules.words} is not a list of places.yaml; use one of its lists",
        )
        return
    for number, phase in enumerate(rules.phases):
        for borough in phase.boroughs:
            if borough not in places[rules.words].words:
                yield _at(
                    f"roll_out.phases.{number}.boroughs",
                    f"{borough} is not a word of {rules.words} in places.yaml; use one that is",
                )


def _at(place: str, what: str) -> Mistake:
    return Mistake(FILE, place, what)
