"""The page of the retention schedule, made from the policy."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.documentation.markdown import code, table_lines
from safer_streets_assets.documentation.reference import MADE
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.lawful_basis import ARTICLES, basis_of
from safer_streets_assets.policy.retention import Period

ACTIONS = {
    "erase": "erased",
    "prune": "pruned",
    "assess": "listed for a role, who decides",
}


def retention_page(policy: Policy) -> str:
    """Every rule of the schedule, the stages and what is gathered for them, and exceptions."""
    return "\n".join(
        [
            *_rules(policy),
            *_notice(policy),
            *_stages(policy),
            *_decisions(policy),
            *_basis(policy),
            "",
        ]
    )


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
        "last day of a shorter month: twelve months after 29 February is 28 February. If two rules "
        "apply, the earlier date counts.",
        "",
        *table_lines(
            ("Rule", "What", "DPIA section", "Started by", "Period", "Then"),
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
        f"The check `nothing_overdue` warns {', '.join(days[:-1])} and {days[-1]} day before the "
        "date. What is overdue is an error. `safer-streets retention` lists every holding with its "
        "state. The check `everything_is_known` searches the data folder for files that no holding "
        "explains. While `safer-streets ui` is open, the schedule `retention_daily` erases what is "
        "due. If it was stopped, or Dagster's daemon is not there, the check `enforced_every_day` "
        "and `safer-streets retention` say so.",
        "",
    ]


def _notice(policy: Policy) -> Iterator[str]:
    retention = policy.dpia.retention
    which = retention.publication_that_counts
    yield from [
        "## What an operator records waits",
        "",
        f"What an operator records erases nothing before {retention.notice_days} days have passed "
        f"since the day of the record (`notice_days`). {retention.notice_reason} The commands say "
        "what would be erased and when. Then they ask for the date, the id or the name again: type "
        "it on a terminal; without a terminal, give `--confirm DATE` or `--yes`. `--dry-run` shows "
        "what would be erased and records nothing.",
        "",
        f"A record may erase something within {retention.notice_within_days} days "
        "(`notice_within_days`). While it waits, the check `no_erasure_waits` warns each day, and "
        "`safer-streets retention` says so. Both name the command that stops it. What is withdrawn "
        "stays on record, with the reason. Nothing can be withdrawn after erasure has begun.",
        "",
        *table_lines(
            ("Recorded by", "Asks", "Waits", "Stopped by"),
            (
                (
                    code("publication add"),
                    "for the date, when it is not today or something is erased soon",
                    "yes",
                    code("publication withdraw ID --why WHY"),
                ),
                (
                    code("publication withdraw"),
                    "when an earlier publication then erases something sooner",
                    "yes",
                    code("publication add"),
                ),
                (
                    code("conclusion record"),
                    "as for a publication",
                    "yes",
                    code("conclusion withdraw --why WHY --by ROLE"),
                ),
                (
                    code("conclusion decide"),
                    "for the holding",
                    "yes",
                    code("conclusion withdraw HOLDING --why WHY --by ROLE"),
                ),
                (
                    code("stage stop"),
                    "for the gate",
                    "yes",
                    code("stage withdraw GATE --why WHY --by ROLE"),
                ),
                (
                    code("exceptions end"),
                    "for the id, when something is then erased soon",
                    "yes",
                    code("exceptions add HOLDING"),
                ),
                (
                    code("retention --enforce"),
                    "for the word `erase`",
                    "no: what is due has waited",
                    "",
                ),
                (
                    code("erase-person"),
                    "for the word `erase`",
                    "yes, unless `--now`",
                    code("erasures withdraw ID --why WHY"),
                ),
                (
                    code("erase-drop"),
                    "for the drop's id",
                    "yes, unless `--now`",
                    code("erasures withdraw ID --why WHY"),
                ),
                (
                    code("keys rotate"),
                    "for the word `rotate`",
                    "no: a key that somebody knows must go at once, and nothing that is held is "
                    "lost; a backup made before opens only with a copy of its own keys",
                    "",
                ),
            ),
        ),
        "",
        f"Of several publications the {which} counts (`publication_that_counts`). "
        f"{retention.publication_reason} A publication with a date in the future counts from that "
        "day on. The command says which one counts, and by how many days erasure moves. "
        "`publication list` shows all of them, also those that were withdrawn.",
        "[Approving a release](approving.md) is not publishing it: only `publication add` starts "
        "the clock.",
        "",
        "### A drop or a person that waits to be erased",
        "",
        "`erase-drop` and `erase-person` record who asked, when and why (`--why`), and erase "
        f"{retention.notice_days} days later. The next run, `retention --enforce` or the daily "
        "schedule carries the erasure out by itself. It looks on that day for what must go, so "
        "what has come in the meantime goes too.",
        "",
        "Until then everything is held and used as before. Rows of the person are taken in and "
        "counted. An answer to subject access contains them and says when they are erased. An "
        "objection that was upheld shows the day. `drops hold` keeps out a drop that is not taken "
        "in yet. `erasures list`, the summary of a run and the check `no_erasure_waits` name the "
        "command that stops the erasure. Whom or what it is about is kept, sealed, in the "
        "restricted store and nowhere else. It is destroyed when the erasure begins or is "
        "withdrawn. If the same is asked for twice, it is recorded once. A restored backup may "
        "bring back a request that was withdrawn since: it waits again, from the day of the "
        "restore.",
        "",
        "`--now --why WHY` erases at once. The command asks again. Without a terminal it needs "
        "`--confirm` with the word or the digits of the id (`--yes` is not enough). Use it where "
        "waiting does harm:",
        "",
        "- a data subject has a right to it now: they asked for erasure, or their objection was "
        "upheld, and their time runs (UK GDPR Articles 12, 17 and 21: without undue delay);",
        "- a drop should never have come: it is about people whom the agreement does not cover, or "
        "its sender asks for it back, and a run would use it.",
        "",
        "If a week harms nobody, let it wait: a CRN is easily mistyped, and what is erased cannot "
        "be brought back.",
        "",
        "## Overdue, and clocks that jump",
        "",
        "A run first erases files whose time is over (quarantined drops, copies of what is taken "
        "in, answers), and what was asked for and has waited until its day. While rows about "
        "people are due and still held, no run takes anybody in, whoever started it. It says to "
        "run `safer-streets retention --enforce` first.",
        "",
        "The clock of the machine may jump between two runs or commands: "
        f"{_days(retention.clock_back_days)} back, or more than "
        f"{_days(retention.clock_forward_days)} forward. This stops runs, the "
        "schedule, `--enforce` and records of operators. Set the "
        "clock right. If it is right, say so: `safer-streets retention --clock-is-right "
        "YYYY-MM-DD`, with today's date.",
        "",
    ]


def _days(number: int) -> str:
    return "a day" if number == 1 else f"{number} days"


def _stages(policy: Policy) -> Iterator[str]:
    yield "## Stages"
    yield ""
    yield (
        "`safer-streets stage stop GATE --date YYYY-MM-DD --by ROLE` records that a stage will not "
        "go on. What was gathered only for this stage is due after the notice. Later drops of it "
        "are refused unread, and its tables are not made again. The research store is emptied too: "
        "the next run makes the other tables again."
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
        "A role decides, never a name: " + ", ".join(retention.roles) + ".",
        "",
        "- **Conclusion.** `safer-streets conclusion record` lists everything personal for "
        "assessment. `conclusion decide HOLDING erase` erases a holding after the notice. "
        "`conclusion decide HOLDING keep-until DATE` erases it on that date. Without a decision it "
        "is erased on its own date.",
        "- **Releases** that have reached their date are listed in the same way. They are erased "
        "only when a role decides so.",
        "- **Exceptions.** `safer-streets exceptions add HOLDING` keeps a holding from erasure. It "
        "records why, the least data, its whereabouts, who decided, and a date of review within "
        f"{_period(retention.exceptions.review_within)}. From that date on the state is amber and "
        "the check warns. The holding is kept until somebody ends the exception (`exceptions end "
        "ID`).",
        "- If something due is in the same store as something kept by an exception, its rows are "
        "erased and the store is rebuilt under a new key.",
    ]


def _basis(policy: Policy) -> Iterator[str]:
    rules = policy.dpia.lawful_basis
    opened = {(one.source, one.article) for one in policy.dpia.open_questions}
    answers = {(name, one.article): one for one in rules.answers for name in one.sources}
    yield from [
        "",
        "## Lawful basis",
        "",
        f"The DPIA's words are those of {rules.place}; {rules.beside}. The next column says what "
        f"the code holds to. A difference is open until the {rules.asked} has answered it, and the "
        "answer is under `lawful_basis` in the policy, with its date and who gave it.",
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
    yield from ["", *_special_category(policy)]


def _special_category(policy: Policy) -> Iterator[str]:
    """The codes that say something of special category, with the fields that have them."""
    yield "These codes are special category data, so that their fields are of that class:"
    yield ""
    rows = [
        (
            ", ".join(
                code(f"{source}.{field.name}")
                for source, spec in policy.dpia.sources.items()
                for field in spec.fields
                if field.codes == name
            ),
            one,
            policy.dpia.code_lists[name][one],
        )
        for name, codes in policy.dpia.special_category_codes.items()
        for one in codes
    ]
    yield from table_lines(("Field", "Code", "What it says"), rows)


def _period(period: Period) -> str:
    months = f"{period.months} months" if period.months else ""
    days = f"{period.days} days" if period.days else ""
    return " and ".join(filter(None, (months, days))) or "at once"
