# ruff: noqa: E501 - a table of mistakes, one a line
"""A mistake in the policy is one sentence that names the file, the place and the remedy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from safer_streets_assets.policy import PolicyError, load_policy
from safer_streets_assets_tests.policy.spoiling import NAMES, Spoil, assert_refused, instead

pytestmark = pytest.mark.usefixtures("parsed_once")


def norm_of_off(norm: str) -> Spoil:
    """Give the first scale of the questionnaire this norm."""
    return instead(
        "    direction: higher_better\n", f"    direction: higher_better\n    norm: {norm}\n"
    )


def people_told_by_crc(text: str) -> str:
    """Gives the role of NPS to CRC."""
    controller = "    controller: London Community Rehabilitation Company (CRC)\n"
    without = instead("    role: cases", "    #")(instead("    role: people", "    #")(text))
    return instead(controller, f"{controller}    role: people\n")(without)


ANSWER = "  answers: [{{sources: [crc_eligibility], article: '9', holds: {holds}, answered_on: 2020-01-31, by: {by}, why: asked}}]"

MISTAKES: dict[str, tuple[str, Spoil, str]] = {
    # what: file, how, what the sentence must name
    "unknown key": ("dpia.yaml", instead("  minimum_age: 18", "  minimum_age: 18\n  maximum_age: 99"), r"eligibility\.maximum_age"),
    "an approval that nobody gives": ("dpia.yaml", instead("  approval: none ", "  approval: three-person "), r"releases\.approval"),
    "a recipient that is no party": ("dpia.yaml", instead("  mtc_novo:\n    section: reporting", "  mtc:\n    section: reporting"), r"sharing\.mtc: mtc is none of accountability\.parties"),
    "a recipient of no section": ("dpia.yaml", instead("  mtc_novo:\n    section: reporting", "  mtc_novo:\n    section: report"), r"sharing\.mtc_novo\.section: section report"),
    "a table that counts no query": ("tables.yaml", instead("    source: attendance\n", "    source: attendence\n"), r"tables\.attendance_by_session\.source: there is no sql/attendence\.sql"),
    "a table that nothing computes": ("tables.yaml", instead("    computed: stage_gates\n", "    computed: stages\n"), r"tables\.stage_gates\.computed: nothing computes stages"),
    "a column across that the table has not": ("tables.yaml", instead("    across: class\n", "    across: klass\n"), r"tables\.reliable_change\.across: klass is not one of several columns"),
    "the only column across": ("tables.yaml", instead("    dimensions: [theme]\n", "    dimensions: [theme]\n    across: theme\n"), r"tables\.case_study_themes\.across: theme is not one of several columns"),
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
    "a quote on too small a base": ("dpia.yaml", instead("least_answers: 10", "least_answers: 4"), r"quotes\.least_answers: a quote tells"),
    "a consent of no source": ("dpia.yaml", instead("sources: [ors_attendee_survey]\n    asked_in_writing", "sources: [survey]\n    asked_in_writing"), r"quotes\.consents\.information_sheet\.sources: survey is not under sources"),
    "an approval by nobody": ("dpia.yaml", instead("approval: two-person", "approval: three-person"), r"quotes\.approval"),
    "warned of too late": ("dpia.yaml", instead("notice_within_days: 30", "notice_within_days: 3"), "notice_within_days is shorter"),
    "neither first nor latest": ("dpia.yaml", instead("publication_that_counts: latest", "publication_that_counts: best"), "publication_that_counts"),
    "unknown retention rule": ("dpia.yaml", instead("retention: personal_data", "retention: for_ever"), "retention rule for_ever"),
    "nobody says who is a person": ("dpia.yaml", instead("    role: people", "    #"), "0 sources have the role people"),
    "two say who is a person": ("dpia.yaml", instead("    agreement: not agreed", "    agreement: not agreed\n    role: people"), "2 sources have the role people"),
    "people told by a source without their fields": ("dpia.yaml", people_told_by_crc, "source crc_eligibility has the role people and no field disposal_date"),
    "people told by what is not agreed": ("dpia.yaml", instead("    agreement: agreed\n    role: people", "    agreement: not agreed\n    role: people"), "source nps_court_outcomes is not agreed"),
    "unknown role": ("dpia.yaml", instead("role: people", "role: persons"), r"sources\.nps_court_outcomes\.role"),
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
    "a borough that is not that of the source of people": ("dpia.yaml", instead("    borough: nps_court_outcomes\n", "    borough: crc_eligibility\n"), r"cohort\.believed\.borough: crc_eligibility may not be believed on it; use nps_court_outcomes\."),
    "a gender by who does not send it": ("dpia.yaml", instead("    gender: nps_court_outcomes\n", "    gender: mtc_novo\n"), "use nps_court_outcomes or crc_eligibility"),
    "an outcome that goes on and is none": ("dpia.yaml", instead("goes_on: [In progress]", "goes_on: [In process]"), r"monitoring\.goes_on: In process is not a code"),
    "blocks of sessions that do not rise": ("dpia.yaml", instead("block_ends: [4, 8, 12]", "block_ends: [8, 4, 12]"), r"monitoring: block_ends"),
    "a last block before the last session": ("dpia.yaml", instead("block_ends: [4, 8, 12]", "block_ends: [4, 8]"), r"monitoring\.block_ends: the last block"),
    "a level of a factor that is none": ("dpia.yaml", instead("levels: {borough: area,", "levels: {borough: region,"), r"monitoring\.factors\.levels\.borough: borough has no level region"),
    "a level of what is no factor": ("dpia.yaml", instead("levels: {borough: area,", "levels: {month: quarter, borough: area,"), r"monitoring\.factors: levels"),
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
    "no table of the gates": ("tables.yaml", instead("  stage_gates:\n    title", "  stages_gated:\n    title"), r"tables: there is no stage_gates, .*; add it"),
    "what is certain and not compared": ("dpia.yaml", instead("certain: date_of_birth", "certain: offence_code"), r"cohort\.same_person: certain is offence_code, which is not compared; put it"),
    "nothing that is compared": ("dpia.yaml", instead("compared: {gender: text, borough: text, date_of_birth: date}", "compared: {}"), r"cohort\.same_person\.compared"),
    "what is compared and no field": ("dpia.yaml", instead("compared: {gender: text,", "compared: {height: text,"), r"cohort\.same_person\.compared\.height: nps_court_outcomes has no field height; name"),
    "what is compared with the name of another column": ("dpia.yaml", instead("compared: {gender: text,", "compared: {label: text,"), r"cohort\.same_person: label is the name of another column; name"),
    "a date that is compared as text": ("dpia.yaml", instead("date_of_birth: date}", "date_of_birth: text}"), r"compared\.date_of_birth: nps_court_outcomes has it as date, which is not compared as text; correct"),
    "a day of no source": ("dpia.yaml", instead("crc_eligibility: sentence_date}", "mtc_novo: sentence_date}"), r"cohort\.missed_links\.day: it is of nps_court_outcomes and of crc_eligibility; put in"),
    "a day that is no field": ("dpia.yaml", instead("crc_eligibility: sentence_date}", "crc_eligibility: sentence_day}"), r"missed_links\.day\.crc_eligibility: crc_eligibility has no field sentence_day of a date; name"),
    "what is compared also and no field": ("dpia.yaml", instead("also: [offence_code]", "also: [offence]"), r"missed_links\.also: nps_court_outcomes has no field offence; name"),
    "what is alike and not compared": ("dpia.yaml", instead("alike: [[date_of_birth]", "alike: [[court]"), r"missed_links\.alike: court is not compared; use some of surname, forename, day"),
    "nothing that is alike": ("dpia.yaml", instead("alike: [[date_of_birth]", "alike: [[]"), r"cohort\.missed_links: a list of alike is empty, .*; name"),
    "missed links without a source of cases": ("dpia.yaml", instead("    role: cases ", "    # "), r"cohort\.missed_links: no source has the role cases; give it"),
    "a number of a form that is none": ("dpia.yaml", instead("form: A000000", "form: A-000000"), r"person_number\.form"),
    "a number that stands in any text": ("dpia.yaml", instead("form: A000000", "form: A00"), r"person_number\.form"),
    "monitoring without its stages": ("dpia.yaml", lambda t: t.replace("assigned, started, midpoint, completed]\n", "assigned, begun, midpoint, completed]\n").replace("timed: [started, midpoint", "timed: [midpoint"), r"monitoring: it counts people from the stage started"),
    "a section of the report about no table": ("tables.yaml", instead("about: [funnel]}", "about: [funnels]}"), r"report\.sections\.funnel\.about: there is no table funnels; name"),
    "a section about a table of another": ("tables.yaml", instead("about: [funnel]}", "about: [experience]}"), r"report\.sections\.funnel\.about: experience begins with none of its tables; add"),
    "a section that nobody draws": ("tables.yaml", instead("    throughput: {title", "    weather: {title"), r"report\.sections\.weather"),
    "a stage by month that is none": ("tables.yaml", instead("stages: [sentenced, assigned", "stages: [sentences, assigned"), r"report\.months\.stages: sentences is not among cohort\.stages of dpia\.yaml; use"),
    "places of no column": ("tables.yaml", instead("    table: funnel_by_borough\n    column: borough", "    table: funnel_by_borough\n    column: place"), r"report\.places: funnel_by_borough has no column place; name"),
    "a time without its figure": ("tables.yaml", instead("to start is {median} days", "to start is {days} days"), r"report\.times: .* has no \{median\}; say where"),
    "a time with other braces": ("tables.yaml", instead("between {low} and {high} days", "between {low} and {high} {unit}"), r"report\.times: .* has other braces; take"),
    "reasons of no table": ("tables.yaml", instead("      one_to_one: The most", "      in_groups: The most"), r"report\.reasons\.says\.in_groups: there is no table in_groups; name"),
    "no mapping": ("tables.yaml", lambda t: "tables\n", "whole file"),
}  # fmt: skip


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_one_sentence_with_file_place_and_remedy(copied: Path, what: str) -> None:
    assert_refused(copied, *MISTAKES[what])


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
