# ruff: noqa: E501 - a table of mistakes, one a line
"""A mistake in the policy is one sentence that names the file, the place and the remedy."""

from __future__ import annotations

import functools
import re
import shutil
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path

import pytest

from safer_streets_assets.policy import PolicyError, load_policy, loading

SHIPPED = Path(str(resources.files("safer_streets_assets.policy")))
NAMES = ("dpia.yaml", "places.yaml", "questionnaire.yaml", "tables.yaml", "vocabulary.yaml")

Spoil = Callable[[str], str]


@pytest.fixture(scope="module", autouse=True)
def parsed_once() -> Iterator[None]:
    """A file that is not spoiled is parsed once: the text and what it becomes are the same."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loading, "_content", functools.cache(loading._content))
        yield


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the shipped policy, to spoil."""
    for name in NAMES:
        shutil.copyfile(SHIPPED / name, tmp_path / name)
    shutil.copytree(SHIPPED / "sql", tmp_path / "sql")
    return tmp_path


def instead(old: str, new: str) -> Spoil:
    """Puts one text in place of another that is there."""

    def spoil(text: str) -> str:
        assert old in text, f"{old} is no longer in the policy"
        return text.replace(old, new, 1)

    return spoil


def norm_of_off(norm: str) -> Spoil:
    """Give the first scale of the questionnaire this norm."""
    return instead(
        "    direction: higher_better\n", f"    direction: higher_better\n    norm: {norm}\n"
    )


def people_told_by_crc(text: str) -> str:
    """Gives the role of NPS to CRC."""
    controller = "    controller: London Community Rehabilitation Company (CRC)\n"
    without = instead("    role: people", "    #")(text)
    return instead(controller, f"{controller}    role: people\n")(without)


ANSWER = "  answers: [{{sources: [crc_eligibility], article: '9', holds: {holds}, answered_on: 2020-01-31, by: {by}, why: asked}}]"

MISTAKES: dict[str, tuple[str, Spoil, str]] = {
    # what: file, how, what the sentence must name
    "unknown key": ("dpia.yaml", instead("  minimum_age: 18", "  minimum_age: 18\n  maximum_age: 99"), r"eligibility\.maximum_age"),
    "a table that counts no query": ("tables.yaml", instead("    source: attendance\n", "    source: attendence\n"), r"tables\.attendance_by_session\.source: there is no sql/attendence\.sql"),
    "a table that nothing computes": ("tables.yaml", instead("    computed: stage_gates\n", "    computed: stages\n"), r"tables\.stage_gates\.computed: nothing computes stages"),
    "a source without a query": ("dpia.yaml", instead("      table: court_cases\n", "      table: court_case\n"), r"sources\.nps_court_outcomes\.conformed\.table: there is no sql/court_case\.sql"),
    "two sources with one table": ("dpia.yaml", instead("      table: programme_cases\n", "      table: court_cases\n"), "two sources have the table court_cases"),
    "an identity that no column has": ("dpia.yaml", instead("      identity: [response_number]\n", "      identity: [respid]\n"), "respid is no column of the conformed table"),
    "an added column that is agreed": ("dpia.yaml", instead("adds: {age_at_disposal:", "adds: {gender: {type: VARCHAR, says: Again}, age_at_disposal:"), "gender is an agreed field"),
    "a CRN that identifies nobody": ("dpia.yaml", instead("- {name: crn, headers: [CRN], required: true, class: direct identifier,", "- {name: crn, headers: [CRN], required: true, class: plain,"), "a CRN is a direct identifier"),
    "two fields with one header": ("dpia.yaml", instead("headers: [Offender Management Team]", "headers: [Offender Management Team, court]"), "two fields have the header court"),
    "unknown key at the top": ("dpia.yaml", lambda t: t + "\nextra: 1\n", "extra"),
    "words of the DPIA on no source": ("dpia.yaml", instead("sources: [nps_court_outcomes, crc_eligibility]", "sources: [nps]"), "lawful_basis: nps is not under sources"),
    "two words of the DPIA on one source": ("dpia.yaml", instead("sources: [nps_court_outcomes, crc_eligibility]", "sources: [ors_attendee_survey]"), "ors_attendee_survey stands in two of them"),
    "an answer by nobody known": ("dpia.yaml", instead("  answers: []", ANSWER.format(by="a colleague", holds="9(2)(j) research and statistics")), "a colleague is not under retention.roles"),
    "an answer that the source does not follow": ("dpia.yaml", instead("  answers: []", ANSWER.format(by="Data Protection Officer", holds="N/A")), "source crc_eligibility states 9"),
    "unknown key of a field": ("dpia.yaml", instead("headers: [CRN], required: true", "headers: [CRN], required: true, secret: 1"), r"sources\.nps_court_outcomes\.fields\.2\.secret"),
    "a borough that is not that of the source of people": ("dpia.yaml", instead("    borough: nps_court_outcomes\n", "    borough: crc_eligibility\n"), r"cohort\.believed\.borough: crc_eligibility may not be believed on it; use nps_court_outcomes\."),
    "a gender by who does not send it": ("dpia.yaml", instead("    gender: nps_court_outcomes\n", "    gender: mtc_novo\n"), "use nps_court_outcomes or crc_eligibility"),
    "key left out": ("dpia.yaml", instead("  minimum_age: 18\n", ""), r"eligibility\.minimum_age"),
    "wrong type": ("dpia.yaml", instead("minimum_age: 18", "minimum_age: eighteen"), r"eligibility\.minimum_age"),
    "threshold of one": ("dpia.yaml", instead("minimum_count: 5", "minimum_count: 1"), r"thresholds\.minimum_count"),
    "share above one": ("dpia.yaml", instead("maximum_bad_row_share: 0.20", "maximum_bad_row_share: 20"), r"intake\.maximum_bad_row_share"),
    "no attempt": ("dpia.yaml", instead("attempts: 3", "attempts: 0"), r"intake\.attempts"),
    "no wait between attempts": ("dpia.yaml", instead("backoff_minutes: 1", "backoff_minutes: 0"), r"intake\.backoff_minutes"),
    "a wait in words": ("dpia.yaml", instead("backoff_minutes: 1", "backoff_minutes: one"), r"intake\.backoff_minutes"),
    "no wait given": ("dpia.yaml", lambda t: re.sub(r"  backoff_minutes:.*\n", "", t), r"intake\.backoff_minutes"),
    "unknown time zone": ("dpia.yaml", instead("timezone: Europe/London", "timezone: Europe/Londinium"), r"evaluation\.timezone"),
    "offence code without its zeros": ("dpia.yaml", instead('"00811":', '"811":'), r"eligibility\.offence_codes\.811"),
    "unknown field class": ("dpia.yaml", instead("class: free text", "class: gossip"), r"class"),
    "unknown field kind": ("dpia.yaml", instead("kind: crn", "kind: pnc"), r"sources\.nps_court_outcomes\.fields\.2\.kind"),
    "unknown code list": ("dpia.yaml", instead("codes: gender", "codes: sex"), "code list sex"),
    "code field without a list": ("dpia.yaml", instead("kind: code, codes: gender", "kind: code"), "field gender"),
    "list on a field of another kind": ("dpia.yaml", instead("kind: crn,", "kind: crn, codes: gender,"), "field crn"),
    "range on a text": ("dpia.yaml", instead("headers: [Court], required: true, class: quasi-identifier, kind: text", "headers: [Court], required: true, class: quasi-identifier, kind: text, range: [1, 5]"), "field court"),
    "synonyms of an unknown list": ("dpia.yaml", instead("code_synonyms:\n", "code_synonyms:\n  sex: {m: Male}\n"), "code list sex"),
    "special codes of an unknown list": ("dpia.yaml", instead("special_category_codes:\n", "special_category_codes:\n  health: [A]\n"), "code list health"),
    "unknown section": ("dpia.yaml", instead("  section: reporting", "  section: report"), "section report"),
    "unknown section of a source": ("dpia.yaml", instead("    section: police_data\n    article", "    section: police\n    article"), "section police"),
    "unknown source of a gate": ("dpia.yaml", instead("requires_source: mps_reoffending", "requires_source: mps"), "gate reoffending"),
    "unknown source of re-offending": ("dpia.yaml", instead("  source: mps_reoffending", "  source: mps"), r"reoffending\.source"),
    "re-offending from a source without its fields": ("dpia.yaml", instead("  source: mps_reoffending", "  source: mtc_novo"), "source mtc_novo has no field event"),
    "a code for nothing found that is none": ("dpia.yaml", instead("  nothing_found: Nothing found", "  nothing_found: Nothing"), r"reoffending\.nothing_found"),
    "months out of order": ("dpia.yaml", instead("months: [0, 3, 6, 9, 12]", "months: [0, 6, 3, 9, 12]"), r"reoffending: months"),
    "required where of no field": ("dpia.yaml", instead("required_where: {event:", "required_where: {what:"), "what is used but is not a field"),
    "required where of no code": ("dpia.yaml", instead("required_where: {event: [Police contact,", "required_where: {event: [Contact,"), r"fields\.event_date\.required_where"),
    "warned of too late": ("dpia.yaml", instead("notice_within_days: 30", "notice_within_days: 3"), "notice_within_days is shorter"),
    "neither first nor latest": ("dpia.yaml", instead("publication_that_counts: latest", "publication_that_counts: best"), "publication_that_counts"),
    "unknown retention rule": ("dpia.yaml", instead("retention: personal_data", "retention: for_ever"), "retention rule for_ever"),
    "nobody says who is a person": ("dpia.yaml", instead("    role: people", "    #"), "0 sources have the role people"),
    "two say who is a person": ("dpia.yaml", instead("    agreement: not agreed", "    agreement: not agreed\n    role: people"), "2 sources have the role people"),
    "people told by a source without their fields": ("dpia.yaml", people_told_by_crc, "source crc_eligibility has the role people and no field disposal_date"),
    "people told by what is not agreed": ("dpia.yaml", instead("    agreement: agreed\n    role: people", "    agreement: not agreed\n    role: people"), "source nps_court_outcomes is not agreed"),
    "unknown role": ("dpia.yaml", instead("role: people", "role: persons"), r"sources\.nps_court_outcomes\.role"),
    "an outcome that goes on and is none": ("dpia.yaml", instead("goes_on: [In progress]", "goes_on: [In process]"), r"monitoring\.goes_on: In process is not a code"),
    "blocks of sessions that do not rise": ("dpia.yaml", instead("block_ends: [4, 8, 12]", "block_ends: [8, 4, 12]"), r"monitoring: block_ends"),
    "a last block before the last session": ("dpia.yaml", instead("block_ends: [4, 8, 12]", "block_ends: [4, 8]"), r"monitoring\.block_ends: the last block"),
    "a level of a factor that is none": ("dpia.yaml", instead("levels: {borough: area,", "levels: {borough: region,"), r"monitoring\.factors\.levels\.borough: borough has no level region"),
    "a level of what is no factor": ("dpia.yaml", instead("levels: {borough: area,", "levels: {month: quarter, borough: area,"), r"monitoring\.factors: levels"),
    "unknown agreement": ("dpia.yaml", instead("agreement: not agreed", "agreement: soon"), r"sources\.mps_reoffending\.agreement"),
    "unknown format": ("dpia.yaml", instead("formats: [csv, xlsx, xls, ods]", "formats: [csv, pdf]"), r"sources\.nps_court_outcomes\.formats"),
    "identity that is no field": ("dpia.yaml", instead("identity: [respid]", "identity: [response]"), "response"),
    "position that is no field": ("dpia.yaml", instead("position_field: session_date", "position_field: day"), r"day is used but is not a field"),
    "date order of no field": ("dpia.yaml", instead("earlier: interview_start", "earlier: began"), "began"),
    "two fields of one name": ("dpia.yaml", instead("name: team, headers: [Team]", "name: crn, headers: [Team]"), r"sources\.crc_eligibility"),
    "borough in two phases": ("dpia.yaml", instead("boroughs: [Newham,", "boroughs: [Lambeth, Newham,"), "roll_out"),
    "opening date in words": ("dpia.yaml", instead("opens: 2019-11-01", "opens: November"), r"roll_out\.phases\.0\.opens"),
    "opening date of no calendar": ("dpia.yaml", instead("opens: 2019-11-01", "opens: 2019-13-01"), "dpia.yaml, "),
    "the same key twice": ("dpia.yaml", instead("  minimum_age: 18", "  minimum_age: 18\n  minimum_age: 10"), r"line \d+.*minimum_age"),
    "the same source twice": ("dpia.yaml", lambda t: t + "\n  mtc_novo: {}\n", r"line \d+.*mtc_novo"),
    "no YAML": ("dpia.yaml", lambda t: t + "\nfoo: [1,\n", r"line \d+"),
    "a tab": ("dpia.yaml", lambda t: t + "\n\tfoo: 1\n", r"line \d+"),
    "a control character": ("dpia.yaml", lambda t: t + "\n# \x07\n", "dpia.yaml, "),
    "nothing in the file": ("dpia.yaml", lambda t: "", "whole file"),
    "a list instead of a mapping": ("dpia.yaml", lambda t: "- 1\n", "whole file"),
    "a scale with an item too few": ("questionnaire.yaml", instead("    items: 5\n", "    items: 6\n"), "scale OFF says 6 items and has 5"),
    "an item of no scale": ("questionnaire.yaml", lambda t: re.sub(r"stage_specific:", "- {id: Z1, scale: ZZZ, text: '?', key: 1}\nstage_specific:", t, count=1), "item Z1 is of scale ZZZ"),
    "an unknown key of the questionnaire": ("questionnaire.yaml", lambda t: t + "\nextra: 1\n", "extra"),
    "a key of an item that is no sign": ("questionnaire.yaml", lambda t: re.sub(r"key: -1", "key: -2", t, count=1), r"items\.\d+\.key"),
    "the same scale twice": ("questionnaire.yaml", instead("  KNF:\n", "  'OFF':\n"), r"line \d+.*OFF"),
    "a norm without a source": ("questionnaire.yaml", norm_of_off("{mean: 4, sd: 1}"), r"scales\.OFF\.norm\.source"),
    "a norm without spread": ("questionnaire.yaml", norm_of_off("{mean: 4, sd: 0, source: x}"), r"scales\.OFF\.norm\.sd"),
    "a norm outside the scale": ("questionnaire.yaml", norm_of_off("{mean: 60, sd: 1, source: x}"), r"scales\.OFF: norm\.mean must lie between 1 and 5"),
    "a norm wider than the scale": ("questionnaire.yaml", norm_of_off("{mean: 4, sd: 5, source: x}"), r"scales\.OFF: norm\.sd must not exceed 4"),
    "a norm that is no number": ("questionnaire.yaml", norm_of_off("{mean: .nan, sd: 1, source: x}"), r"scales\.OFF\.norm\.mean|scales\.OFF: norm"),
    "a norm of single items": ("questionnaire.yaml", instead("    score: single items only\n", "    score: single items only\n    norm: {mean: 7, sd: 2, source: x}\n"), r"scales\.ONS4: norm"),
    "unknown dimension": ("tables.yaml", instead("dimensions: [stage]", "dimensions: [stages]"), "table funnel has dimension stages"),
    "dimension of no list": ("tables.yaml", instead('values: "codes:gender"', 'values: "codes:sex"'), r"dimensions\.gender: codes:sex"),
    "labels of no list": ("tables.yaml", instead("labels: offences", "labels: crimes"), r"dimensions\.offence: crimes"),
    "unknown gate": ("tables.yaml", instead("gate: impact", "gate: impacts"), r"tables\.attitude_change\.gate: impacts"),
    "table with two origins": ("tables.yaml", instead("    source: cohort_stages\n", "    source: cohort_stages\n    computed: funnel\n"), r"tables\.funnel"),
    "table without an origin": ("tables.yaml", instead("    source: cohort_stages\n", ""), r"tables\.funnel"),
    "statistic with an unknown count": ("tables.yaml", instead("base: count(engagement), with: n_attended", "base: count(engagement), with: n_came"), "n_came"),
    "nested counts that are none": ("tables.yaml", instead("nested_counts: [n_expected, n_attended]", "nested_counts: [n_expected, n_came]"), r"tables\.attendance_by_session"),
    "unknown kind of statistic": ("tables.yaml", instead("kind: median", "kind: mode"), r"kind"),
    "rising along no dimension": ("tables.yaml", instead("rising: {n_events: months", "rising: {n_events: month"), r"tables\.reoffending"),
    "statistic along no dimension": ("tables.yaml", instead("along: months", "along: month"), "statistic survival builds up along month"),
    "condition on an unknown table": ("tables.yaml", instead("where_zero: {table: reoffending", "where_zero: {table: offending"), "offending"),
    "link to an unknown table": ("tables.yaml", instead("{table: non_assignment, where", "{table: non_assigned, where"), "non_assigned"),
    "link to an unknown count": ("tables.yaml", instead("count: n_now", "count: n_then"), "stage_gates"),
    "link of one term": ("tables.yaml", instead("      - {table: funnel, where: {stage: completed}, times: -1}\n", ""), r"links\.1\.terms"),
    "unknown key of a table": ("tables.yaml", instead("    source: cohort_stages\n", "    source: cohort_stages\n    rounded: 5\n"), r"tables\.funnel\.rounded"),
    "the same table twice": ("tables.yaml", instead("  funnel_by_month:\n", "  funnel:\n"), r"line \d+.*funnel"),
    "field of no list of words": ("dpia.yaml", instead("words: courts", "words: court"), "court is not a list"),
    "words on a code": ("dpia.yaml", instead("kind: code, codes: gender,", "kind: code, codes: gender, words: courts,"), "field gender"),
    "borough of no list": ("dpia.yaml", instead("Lambeth, Southwark", "Lambeth SE, Southwark"), "Lambeth SE"),
    "dimension of no words": ("tables.yaml", instead("words: [courts]", "words: [court]"), r"dimensions\.court: court"),
    "spelling of two words": ("vocabulary.yaml", instead("Referral Order: [RO]", "Referral Order: [RO, CO]"), "lists.sentences: CO is a spelling of two words, Community Order and Referral Order"),
    "a spelling that is the name of another place": ("places.yaml", instead("      Bexley: []", "      Bexley: [Brent]"), "lists.boroughs: Brent is a spelling of two words, Bexley and Brent"),
    "a spelling of two places": ("places.yaml", instead("      Bexley: []", "      Bexley: [Towerhamlets]"), "lists.boroughs: .* two words, Bexley and Tower Hamlets"),
    "a spelling that reads as another place": ("places.yaml", instead("      Bexley: []", "      Bexley: [L.B. Brent]"), "lists.boroughs: lb brent can be read as Bexley; take out"),
    "a court that reads as two": ("places.yaml", instead("Youth Court: [Youth,", "Youth Court: [Youth, Mags,"), "lists.courts: .* mags can be read as .* and as "),
    "words around a place that are none": ("places.yaml", instead("before: [The, HM, At]", "before: [The, HM, '-']"), "lists.courts: before, after or endings"),
    "a place that no table can print": ("places.yaml", instead("      Bexley: []", "      '=Bexley': []"), "lists.boroughs: a table cannot print"),
    "places of no field": ("places.yaml", instead("lists:\n", "lists:\n  prisons: {other: None of them, words: {Red: []}}\n"), r"lists\.prisons: no field"),
    "places with the name of words": ("places.yaml", instead("lists:\n", "lists:\n  sentences: {other: None of them, words: {Red: []}}\n"), r"lists\.sentences: vocabulary\.yaml has a list of this name"),
    "boroughs of a list of no places": ("dpia.yaml", instead("  words: boroughs ", "  words: themes "), r"roll_out\.words: themes is not a list of places\.yaml"),
    "a place known to be in the rest that is none": ("tables.yaml", instead("in_rest: [Outside London]", "in_rest: [Outside London, Kent]"), r"hierarchies\.borough\.levels\.area\.in_rest: a group holds Kent"),
    "a place in no group and not known to be in the rest": ("tables.yaml", instead("        in_rest: [Outside London]\n", ""), r"hierarchies\.borough\.levels\.area: Outside London is in no group"),
    "a place in a group and in the rest": ("tables.yaml", instead("in_rest: [Outside London]", "in_rest: [Outside London, Brent]"), r"levels\.0: a category stands in a group twice"),
    "what is in the rest of a rule": ("tables.yaml", instead("rule: quarter, rest", "rule: quarter, in_rest: [2020-01], rest"), r"hierarchies\.month\.levels\.0: in_rest stands beside no groups"),
    "what is in no group where there is no rest": ("tables.yaml", instead("        groups:\n          under 25: [under 18, 18-24]\n", "        in_rest: [under 18]\n        groups:\n          under 25: [18-24]\n"), r"hierarchies\.age_band\.levels\.wide_age_band: under 18 is in no group"),
    # What nobody would enforce.
    "a link to a category that no table prints": ("tables.yaml", instead("where: {stage: completed}, times: -1", "where: {stage: completd}, times: -1"), r"links\.1\.terms\.1\.where\.stage: funnel has no row with completd"),
    "a link to the total of what does not add up": ("tables.yaml", instead("where: {stage: completed}, times: -1", "where: {stage: Total}, times: -1"), r"links\.1\.terms\.1\.where\.stage: funnel has no row with Total"),
    "a link to a category in a column of another table": ("tables.yaml", instead("where: {stage: completed}, times: -1", "where: {stage: completed, borough: Lambeth}, times: -1"), r"links\.1\.terms\.1\.where\.borough: funnel has no column"),
    "a link that leaves a column open": ("tables.yaml", instead("where: {delivery: Total, outcome: Completed}", "where: {outcome: Completed}"), r"links\.1\.terms\.0\.where: column delivery"),
    "a link along what none of its tables has": ("tables.yaml", instead("each: [borough]\n    terms", "each: [borough, gender]\n    terms"), r"links\.0\.each: no cell of it has a column gender"),
    "a link along an unknown list": ("tables.yaml", instead("over: {question: experience_questions_mid}", "over: {question: experience_questions_late}"), r"links\.\d+\.over\.question: experience_questions_late is not a list"),
    "a link with a name in braces that does not run": ("tables.yaml", instead('where: {question: "{question}", answer: Total}', 'where: {question: "{query}", answer: Total}'), r"links\.\d+\.terms\.2\.where\.question: {query}"),
    "a link with a cell that is not in the sum": ("tables.yaml", instead("where: {stage: completed}, times: -1", "where: {stage: completed}, times: 0"), r"links\.1\.terms\.1\.times"),
    "a condition on a category that no table prints": ("tables.yaml", instead("where_zero: {table: reoffending, where: {event: Police contact}", "where_zero: {table: reoffending, where: {event: Contact}"), r"links\.\d+\.where_zero\.where\.event"),
    "an overlap with a category that no table prints": ("tables.yaml", instead('where: {characteristic: "{scale} at start", category: Total}, count: n_with_end}]', 'where: {characteristic: "{scale} at end", category: Total}, count: n_with_end}]'), r"overlaps\.0\.whole\.0\.where\.characteristic"),
    "a population of nobody": ("tables.yaml", instead("within: {stage: sentenced}", "within: {stage: sentencd}"), r"tables\.sentence_by_court\.within\.stage: sentencd"),
    "a population that is not there": ("tables.yaml", instead("    population: started\n", "    population: starters\n"), r"tables\.attrition\.population: starters is not under populations"),
    "a population that nothing counts": ("tables.yaml", instead("populations:\n", "populations:\n  midway: {words: At the midpoint, stage: midpoint}\n"), r"populations\.midway: no table"),
    "a population at no stage": ("tables.yaml", instead("stage: started}\n  completed", "stage: begun}\n  completed"), r"populations\.started\.stage: begun is not a stage"),
    "a table within another stage than its population": ("tables.yaml", instead("    population: started\n", "    population: completed\n"), r"tables\.attrition\.within\.stage"),
    "a gate of a population that is not there": ("dpia.yaml", instead("population: participants\n", "population: attendees\n"), r"gates\.2\.population: attendees"),
    "a table of change of others than its gate counts": ("tables.yaml", lambda t: re.sub(r"(reliable_change:\n    title: .*\n    population: )participants", r"\1cohort", t), r"tables\.reliable_change\.population"),
    "a headline that no table has": ("tables.yaml", instead("where: {comparison: start-end, group_name: Total, group_value: Total}, over", "where: {comparison: start-finish, group_name: Total, group_value: Total}, over"), r"importance\.headline\.2: .*start-finish"),
    "a retention rule that nothing applies": ("dpia.yaml", instead("    outputs:\n", "    paper: {title: Letters, section: retention, trigger: publication, after: {days: 1}, action: erase}\n    outputs:\n"), r"retention\.rules\.paper: nothing applies"),
    "a retention rule that is applied and not there": ("dpia.yaml", instead("    bundles:\n", "    bundle:\n"), r"retention\.rules: there is no rule bundles"),
    "a retention rule with the trigger of another": ("dpia.yaml", instead("trigger: quarantined", "trigger: taken in"), r"retention\.rules\.quarantine\.trigger"),
    "a retention rule by which nobody acts": ("dpia.yaml", instead("action: prune", "action: erase"), r"retention\.rules\.run_history\.action"),
    "a retention rule with a period that nobody waits for": ("dpia.yaml", instead("after: {days: 0}        # and", "after: {days: 5}        # and"), r"retention\.rules\.on_request\.after"),
    "a source under the rule of another kind of holding": ("dpia.yaml", instead("retention: personal_data", "retention: quarantine"), r"sources\.nps_court_outcomes\.retention"),
    "a scale that is neither primary nor exploratory": ("questionnaire.yaml", instead("    analysis: primary\n", ""), r"scales\.OFF\.analysis"),
    "a primary scale of single items": ("questionnaire.yaml", instead("    analysis: exploratory\n", "    analysis: primary\n"), r"scales\.ONS4: analysis"),
    "options that nobody publishes": ("questionnaire.yaml", instead("  table: knife_reasons\n", ""), r"stage_specific\.1: no table publishes its options"),
    "options in a table that is not there": ("questionnaire.yaml", instead("  table: knife_reasons\n", "  table: knives\n"), r"stage_specific\.S2\.table: knives is not a table"),
    "options in a table of something else": ("questionnaire.yaml", instead("  table: knife_reasons\n", "  table: funnel\n"), r"stage_specific\.S2\.table: no dimension of the table funnel"),
    "options in the table of another question": ("questionnaire.yaml", instead("- id: M1\n", "- {id: S3, stage: start, kind: multiple, table: knife_reasons, text: Who helped?, options: {S3_1: Family}}\n- id: M1\n"), r"stage_specific\.S3\.table: knife_reasons has the options of S2"),
    "labels that nobody prints": ("questionnaire.yaml", lambda t: t.replace("  table: experience\n", "", 1), r"stage_specific\.2: labels"),
    "a wave asked at another session": ("questionnaire.yaml", instead("session: 6", "session: 7"), r"stages\.mid\.session"),
    "a group of what no list of words has": ("tables.yaml", instead("[Barnet, Enfield, Haringey]", "[Barnet, Enfield, Haringay]"), r"hierarchies\.borough\.levels\.area\.groups\.North London: a group holds Haringay"),
    "a group of an offence that is not in scope": ("tables.yaml", instead('["00811", "00826"', '["00899", "00811", "00826"'), r"hierarchies\.offence\.levels\.kind_of_offence\.groups\..*00899"),
    "a word in no group": ("tables.yaml", instead("[Barnet, Enfield, Haringey]", "[Barnet, Enfield]"), r"hierarchies\.borough\.levels\.area: Haringey is in no group"),
    "a hierarchy that no table is taken up": ("tables.yaml", instead("    coarsen: [month]\n", ""), r"hierarchies\.month: no table"),
    "a gate that nothing waits for": ("dpia.yaml", instead("gates:\n", "gates:\n  - {name: early, title: Early, section: purpose, population: completed, measure: people, unit: people, needed: 9, reason: None}\n"), r"gates\.early: nothing waits"),
    "tables of one computation at two gates": ("tables.yaml", lambda t: re.sub(r"(computed: reliable_change\n    gate: )impact", r"\1reoffending", t), r"tables\.reliable_change\.gate"),
    "a gate of what waits for none": ("tables.yaml", instead("    computed: stage_gates\n", "    computed: stage_gates\n    gate: impact\n"), r"tables\.stage_gates\.gate"),
    "a dimension that no table is counted by": ("tables.yaml", instead("  gender: {title", "  sex: {title: Sex, values: [a, b]}\n  gender: {title"), r"dimensions\.sex: no table"),
    "codes of no field": ("dpia.yaml", instead("code_lists:\n", "code_lists:\n  colours: {r: Red}\n"), r"code_lists\.colours: no field and no dimension"),
    "a synonym of no code": ("dpia.yaml", instead("    m: Male\n", "    m: Man\n"), r"code_synonyms\.gender: Man"),
    "a synonym that is read so without it": ("dpia.yaml", instead("    m: Male\n", "    m: Male\n    male: Male\n"), r"code_synonyms\.gender\.male"),
    "a special category code of a plain field": ("dpia.yaml", instead('  reason_not_assigned: ["03"]', '  reason_not_assigned: ["03"]\n  outcome: [Completed]'), r"sources\.crc_eligibility\.fields\.outcome\.class"),
    "words of no field and no dimension": ("vocabulary.yaml", instead("lists:\n", "lists:\n  colours: {other: None of them, words: {Red: []}}\n"), r"lists\.colours"),
    "a word for nothing said that no table prints": ("vocabulary.yaml", instead("said_nothing:\n", "said_nothing:\n  not_asked: Not asked\n"), r"said_nothing\.not_asked"),
    "something twice in a list": ("dpia.yaml", instead("formats: [csv, xlsx, xls, ods]", "formats: [csv, xlsx, csv]"), r"sources\.nps_court_outcomes\.formats: csv stands here twice"),
    "a key that no code reads": ("questionnaire.yaml", instead("  key: 1\n", "  key: 1\n  response: likert5\n"), r"items\.0\.response: nobody reads this key"),
    "a day that is no date": ("dpia.yaml", instead("    past: [disposal_date]", "    past: [court]"), r"sources\.nps_court_outcomes: court is used as a day"),
    "an order of what is no date": ("dpia.yaml", instead("earlier: date_of_birth, later: disposal_date", "earlier: court, later: disposal_date"), r"sources\.nps_court_outcomes: court is used as a day"),
    "a position that is no date": ("dpia.yaml", instead("position_field: disposal_date", "position_field: court"), r"sources\.nps_court_outcomes: court is used as a day"),
    "missing codes of a text": ("dpia.yaml", instead("kind: text, words: courts,", "kind: text, words: courts, missing_codes: [99],"), "field court"),
    "a range that holds nothing": ("dpia.yaml", instead("range: [0, 400]", "range: [400, 0]"), "field rar_days: range is the least"),
    "a reference that no column has": ("dpia.yaml", instead("reference: [session, session_date]", "reference: [session, day]"), r"sources\.ors_facilitator_checkin\.conformed\.reference: day is no column"),
    "a volume of one shape": ("dpia.yaml", lambda t: re.sub(r"    increment: \{least.*\n", "", t), r"expected: volume is of increment"),
    "a volume that no drop has": ("dpia.yaml", instead("least_percent: 40", "least_percent: 400"), r"expected\.volume\.increment: least_percent is above"),
    "a place that nobody gets": ("dpia.yaml", lambda t: re.sub(r"    research: Researchers of.*\n", "", t), r"rights: recipients are of restricted"),
    "a missing code that is no number": ("questionnaire.yaml", instead('  "97": Don', '  "none": Don'), r"missing_codes\.none"),
    "a base of statistics that are not there": ("tables.yaml", instead("    computed: attitude_movement\n    gate: impact\n", "    computed: attitude_movement\n    gate: impact\n    minimum_base: gate\n"), r"tables\.attitude_movement: minimum_base is of statistics"),
    "two dimensions in one column": ("tables.yaml", instead("sentence: {title: Resulting sentence,", "sentence: {title: Resulting sentence, column: court,"), r"tables\.sentence_by_court\.dimensions: two of them have the same column"),
    "a statistic beside no table": ("tables.yaml", instead("beside: attitude_movement", "beside: attitude_moves"), r"tables\.attitude_change\.statistics\.wilcoxon_w\.beside: attitude_moves"),
    "scores of no column": ("tables.yaml", instead("sd: sd_start, scale: scale", "sd: sd_start, scale: scales"), r"tables\.attitude_change\.scored\.0\.scale"),
    "a category that is the total": ("tables.yaml", instead("values: [rose, fell, stayed]", "values: [rose, fell, Total]"), r"dimensions\.movement: values: Total"),
    "no mapping": ("tables.yaml", lambda t: "tables\n", "whole file"),
}  # fmt: skip


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_one_sentence_with_file_place_and_remedy(copied: Path, what: str) -> None:
    name, spoil, named = MISTAKES[what]
    path = copied / name
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load_policy(copied)
    sentence = str(caught.value)
    assert sentence.startswith(f"{name}, ")
    assert re.search(named, sentence), sentence
    place, colon, rest = sentence.removeprefix(f"{name}, ").partition(": ")
    assert place
    assert colon
    assert ";" in rest, "what is wrong; remedy"
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "pydantic" not in sentence


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(PolicyError, match=rf"^{re.escape(name)}, whole file: .*; put .*\.$"):
        load_policy(copied)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_no_text_is_named(copied: Path, name: str) -> None:
    (copied / name).write_bytes(b"version: \xff\xfe\n")
    with pytest.raises(PolicyError, match=rf"^{re.escape(name)}, whole file: "):
        load_policy(copied)


@pytest.mark.parametrize("name", NAMES)
def test_the_digest_changes_with_every_file(copied: Path, name: str) -> None:
    before = load_policy(copied).digest
    path = copied / name
    path.write_text(path.read_text(encoding="utf-8") + "# a word\n", encoding="utf-8")
    assert load_policy(copied).digest != before


def test_a_query_that_nothing_uses_is_refused(copied: Path) -> None:
    (copied / "sql" / "more.sql").write_text("SELECT 1\n", encoding="utf-8")
    with pytest.raises(PolicyError, match=r"^sql/more\.sql, whole file: no source .*; name it"):
        load_policy(copied)


def test_the_digest_changes_with_a_query(copied: Path) -> None:
    before = load_policy(copied).digest
    path = copied / "sql" / "court_cases.sql"
    path.write_text(path.read_text(encoding="utf-8") + "-- a word\n", encoding="utf-8")
    assert load_policy(copied).digest != before
