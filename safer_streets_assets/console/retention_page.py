"""The page of the retention schedule, made from the policy."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.console.markdown import code, table_lines
from safer_streets_assets.console.reference import MADE
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.lawful_basis import ARTICLES, basis_of
from safer_streets_assets.policy.retention import Period

ACTIONS = {
    "erase": "erased",
    "prune": "pruned",
    "assess": "listed for a person, who decides",
}


def retention_page(policy: Policy) -> str:
    """Every rule of the schedule, the stages and what is gathered for them, and exceptions."""
    return "\n".join([*_rules(policy), *_stages(policy), *_decisions(policy), *_basis(policy), ""])


def _rules(policy: Policy) -> Iterator[str]:
    retention = policy.dpia.retention
    days = [str(day) for day in retention.warn_days]
    yield from [
        "# Retention schedule",
        "",
        MADE,
        "",
        "`policy/dpia.yaml` sets these rules. Days are days in "
        f"{policy.dpia.evaluation.timezone}. A month later is the same day of the month, or the "
        "last day of a shorter one: twelve months after 29 February is 28 February. Where two "
        "rules apply, the one that strikes first counts.",
        "",
        *table_lines(
            ("Rule", "What", "DPIA section", "Set off by", "Period", "Then"),
            (
                (
                    code(name),
                    rule.title,
                    policy.dpia.sections[rule.section].title,
                    rule.trigger,
                    _period(rule.after),
                    ACTIONS[rule.action],
                )
                for name, rule in retention.rules.items()
            ),
        ),
        "",
        f"The check `nothing_overdue` warns {', '.join(days[:-1])} and {days[-1]} day before; what "
        "is overdue is an error. `safer-streets retention` lists every holding with its state, and "
        "the check `everything_is_known` walks the data folder for files that no holding explains.",
        "",
    ]


def _stages(policy: Policy) -> Iterator[str]:
    yield "## Stages"
    yield ""
    yield (
        "`safer-streets stage stop GATE --date YYYY-MM-DD --by ROLE` gives a stage up. What was "
        "gathered for it alone is due at once, later drops of it are refused unread, and its "
        "tables are not made again. The research store is emptied, too: the next run makes the "
        "other tables anew."
    )
    yield ""
    rows = []
    for gate in policy.dpia.gates:
        tables = [
            code(name)
            for name, spec in policy.tables.tables.items()
            if gate.name in (spec.gate, spec.stage)
        ]
        sources = ", ".join(map(code, gate.gathers))
        rows.append((code(gate.name), gate.title, sources, ", ".join(tables)))
    yield from table_lines(("Gate", "Stage", "Gathered for it", "Its tables"), rows)
    yield ""


def _decisions(policy: Policy) -> Iterator[str]:
    retention = policy.dpia.retention
    yield from [
        "## Decisions",
        "",
        "Who decides is a role, never a name: " + ", ".join(retention.roles) + ".",
        "",
        "- **Conclusion.** `safer-streets conclusion record` lists everything personal for "
        "assessment. `conclusion decide HOLDING erase` erases it; `conclusion decide HOLDING "
        "keep-until DATE` erases it then. Without a decision it is erased when its own date comes.",
        "- **Releases** that have reached their date are listed in the same way, and erased only "
        "when somebody decides so.",
        "- **Exceptions.** `safer-streets exceptions add HOLDING` holds a holding back, with why, "
        "the least data, its whereabouts, who decided, and a date of review within "
        f"{_period(retention.exceptions.review_within)}. From that date on its state is amber and "
        "the check warns; it is held until somebody ends the exception (`exceptions end ID`).",
        "- What is due beside something that is held back in the same store is erased by rows, and "
        "the store is rebuilt under a new key.",
    ]


def _basis(policy: Policy) -> Iterator[str]:
    rules = policy.dpia.lawful_basis
    opened = {(one.source, one.article) for one in policy.dpia.open_questions}
    answers = {(name, one.article): one for one in rules.answers for name in one.sources}
    yield from [
        "",
        "## Lawful basis",
        "",
        f"The DPIA's words are those of {rules.place}; {rules.beside}. Beside them stands what the "
        f"code holds to. A difference is open until the {rules.asked} has answered it and the "
        "answer stands under `lawful_basis` in the policy, with its date and by whom.",
        "",
    ]
    rows = []
    for name, source in policy.dpia.sources.items():
        for article in ARTICLES:
            said = rules.words_of(name, article)
            if said is None:
                continue
            answer = answers.get((name, article))
            state = "**open**" if (name, article) in opened else ""
            if answer is not None:
                state = f"answered {answer.answered_on} by {answer.by}: {answer.why}"
            rows.append((code(name), article, said, basis_of(source, article), state))
    yield from table_lines(("Source", "Article", "DPIA", "Code holds to", "Question"), rows)


def _period(period: Period) -> str:
    months = f"{period.months} months" if period.months else ""
    days = f"{period.days} days" if period.days else ""
    return " and ".join(filter(None, (months, days))) or "at once"
