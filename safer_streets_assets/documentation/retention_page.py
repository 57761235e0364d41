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
    "assess": "listed for a person, who decides",
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
        "the check `everything_is_known` walks the data folder for files that no holding explains. "
        "The schedule `retention_daily` erases what is due as long as `safer-streets ui` is open: "
        "the check `enforced_every_day` and `safer-streets retention` say when it was stopped or "
        "Dagster's daemon is not there.",
        "",
    ]


def _notice(policy: Policy) -> Iterator[str]:
    retention = policy.dpia.retention
    which = retention.publication_that_counts
    yield from [
        "## What a person records waits",
        "",
        f"What a person records erases nothing before {retention.notice_days} days have passed "
        f"since the day on which it was recorded (`notice_days`). {retention.notice_reason} The "
        "commands say what would be erased and when, and ask for the date, the id or the name "
        "again: on a terminal it is typed, without one `--confirm DATE` or `--yes` is needed. "
        "`--dry-run` shows it and records nothing.",
        "",
        "While something waits that was recorded at most "
        f"{retention.notice_within_days} days before it is erased (`notice_within_days`), the "
        "check `no_erasure_waits` warns each day, and `safer-streets retention` says so. Both name "
        "the command that stops it. What is taken back stays on record, with why; nothing can be "
        "taken back once erasure has begun.",
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
                    "no: a key that is known to somebody is to go at once, and nothing that is "
                    "held is lost; a backup made before can be opened with a copy of its own keys "
                    "alone",
                    "",
                ),
            ),
        ),
        "",
        f"Of several publications the {which} counts (`publication_that_counts`). "
        f"{retention.publication_reason} One whose date has not come counts from that day on. The "
        "command says which counts, and by how many days erasure moves; `publication list` shows "
        "all of them, also those that were taken back.",
        "",
        "### A drop or a person that waits to be erased",
        "",
        f"`erase-drop` and `erase-person` record who asked, when and why (`--why`), and erase "
        f"{retention.notice_days} days later: the next run, `retention --enforce` or the daily "
        "schedule carries it out by itself, and looks then for what goes, so that what has come "
        "meanwhile goes too. Until then everything is held and used as before: rows of the person "
        "are taken in and counted, an answer to subject access gives them and says when they are "
        "erased, and an objection that was upheld shows the day (`drops hold` keeps a drop out "
        "that is not taken in yet). `erasures list`, the summary of a run and the check "
        "`no_erasure_waits` name the command that stops it. Of whom or of what it is lies sealed "
        "in the restricted store and nowhere else, and is destroyed when the erasure begins or is "
        "taken back. Asked for twice, it is recorded once. A restored backup may bring back a "
        "request that was taken back since: it waits anew from the day of the restore.",
        "",
        "`--now --why WHY` erases at once. It is asked for again, and without a terminal "
        "`--confirm` with the word or the digits of the id is needed (`--yes` will not do). Use it "
        "where waiting does harm:",
        "",
        "- a person has a right to it now: they asked for erasure, or their objection was upheld, "
        "and their time runs (UK GDPR Articles 12, 17 and 21: without undue delay);",
        "- a drop should never have come: it is of people the agreement does not cover, or its "
        "sender asks for it back, and a run would use it.",
        "",
        "Where nobody is harmed by a week, let it wait: a CRN is easily mistyped, and what is "
        "erased cannot be brought back.",
        "",
        "## Overdue, and clocks that jump",
        "",
        "A run first erases files whose time is over (quarantined drops, copies of what is taken "
        "in, answers) and what was asked for and has waited for its day. While rows about people "
        "are due and still held it takes nobody in, whoever started it, and says to run "
        "`safer-streets retention --enforce` first.",
        "",
        f"A clock that went {retention.clock_back_days} days back, or more than "
        f"{retention.clock_forward_days} days forward, since anything last ran here stops runs, "
        "the schedule, `--enforce` and what a person would record, until somebody has set it right "
        "or says that it is: `safer-streets retention --clock-is-right YYYY-MM-DD`, with today's "
        "date.",
        "",
    ]


def _stages(policy: Policy) -> Iterator[str]:
    yield "## Stages"
    yield ""
    yield (
        "`safer-streets stage stop GATE --date YYYY-MM-DD --by ROLE` gives a stage up. What was "
        "gathered for it alone is due after the notice, later drops of it are refused unread, and "
        "its tables are not made again. The research store is emptied, too: the next run makes the "
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
        "assessment. `conclusion decide HOLDING erase` erases it after the notice; `conclusion "
        "decide HOLDING keep-until DATE` erases it then. Without a decision it is erased when its "
        "own date comes.",
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
