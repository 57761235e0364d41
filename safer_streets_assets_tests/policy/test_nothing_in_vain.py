# ruff: noqa: E501 - a table of mistakes, one a line
"""What nobody would enforce, or no row could have, is refused like any other mistake."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from safer_streets_assets_tests.policy.spoiling import Spoil, assert_refused, instead

pytestmark = pytest.mark.usefixtures("parsed_once")

CHANGE = "{{table: attitude_change, where: {{scale: 'OFF', comparison: start-end, group_name: {}, group_value: {}}}, count: n_start, times: 1}}"
CELL = (
    "{{table: attitude_attrition, where: {{characteristic: {}, category: {}}}, count: n_with_end}}"
)
STARTED = "{table: funnel, where: {stage: started}, times: -1}"


def one_more_link(*terms: str, more: str = "") -> Spoil:
    """Puts a link of these terms before the others."""
    return instead(
        "links:\n", f"links:\n  - {{why: One more, {more}terms: [{', '.join(terms)}]}}\n"
    )


def one_more_overlap(
    part: str, whole: str = CELL.format("OFF at start", "Total"), each: str = "[]"
) -> Spoil:
    """Puts an overlap of these cells, of which none is kept, before the others."""
    more = f"{{scores: start, each: {each}, whole: [{whole}], part: {part}, keep: neither}}"
    return instead("overlaps:\n", f"overlaps:\n  - {more}\n")


IN_VAIN: dict[str, tuple[str, Spoil, str]] = {
    # what: file, how, what the sentence must name
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
    "a table of detail that is none": ("tables.yaml", instead("details: [linkage_by_month,", "details: [linkage_by_week,"), r"importance\.details\.0: table linkage_by_week is not under tables"),
    "a table of detail with headline figures": ("tables.yaml", instead("details: [linkage_by_month,", "details: [funnel,"), r"importance\.details\.0: table funnel has headline figures"),
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
    # Rows that no table can have, though each of their categories is one.
    "a link to a group of everybody": ("tables.yaml", one_more_link(CHANGE.format("Total", "Male"), STARTED), r"links\.0\.terms\.0\.where: attitude_change has no row with Male in group_value, Total in group_name"),
    "a link to everybody of a facet where they stand once": ("tables.yaml", one_more_link(CHANGE.format("gender", "Total"), STARTED), r"links\.0\.terms\.0\.where: attitude_change has no row with Total in group_value, gender in group_name"),
    "a link to everybody once where they stand in each facet": ("tables.yaml", one_more_link(STARTED, "{table: attitude_attrition, where: {characteristic: Total, category: Total}, count: n_with_end, times: 1}"), r"links\.0\.terms\.1\.where: attitude_attrition has no row with Total in category, Total in characteristic"),
    "a facet that does not say where everybody stands": ("tables.yaml", instead("facet_of: group_value, everybody: once, ", "facet_of: group_value, "), r"dimensions\.group_name: everybody is missing"),
    "everybody of what is no facet": ("tables.yaml", instead("  movement: {title:", "  movement: {everybody: once, title:"), r"dimensions\.movement: everybody is said of a dimension with facet_of"),
    "a link to a group of another facet": ("tables.yaml", one_more_link(STARTED, CHANGE.format("gender", "18-24")), r"links\.0\.terms\.1\.where: attitude_change has no row with 18-24 in group_value, gender in group_name"),
    "a link to a group of a score": ("tables.yaml", one_more_link(STARTED, "{table: attitude_attrition, where: {characteristic: W1 at start, category: Male}, count: n_with_end, times: 1}"), r"links\.0\.terms\.1\.where: attitude_attrition has no row with Male"),
    "a link to an answer that a question does not have": ("tables.yaml", one_more_link(STARTED, '{table: experience, where: {question: M1, answer: "10"}, times: 1}'), r"links\.0\.terms\.1\.where: experience has no row with 10 in answer, M1 in question"),
    "a link to an answer of questions in turn": ("tables.yaml", one_more_link(STARTED, '{table: experience, where: {question: "{question}", answer: "5"}, times: 1}', more="over: {question: experience_questions_mid}, "), r"links\.0\.terms\.1\.where: experience has no row with 5 in answer, M1 in question"),
    "a link to an answer of questions that run": ("tables.yaml", one_more_link(STARTED, '{table: experience, where: {answer: "5"}, times: 1}', more="over: {question: experience_questions_mid}, "), r"links\.0\.terms\.1\.where: experience has no row with 5 in answer, any of"),
    "a condition on a group of another facet": ("tables.yaml", one_more_link(STARTED, STARTED.replace("started", "assigned").replace("-1", "1"), more=f"where_zero: {CHANGE.format('delivery', 'Male').replace(', times: 1', '')}, "), r"links\.0\.where_zero\.where: attitude_change has no row with Male"),
    "a link to the reliability of a single item": ("tables.yaml", one_more_link(STARTED, '{table: attitude_reliability, where: {scale: W1, wave: "1"}, count: n_complete, times: 1}'), r"links\.0\.terms\.1\.where\.scale: attitude_reliability has no row with W1"),
    "a link to the classes of a single item": ("tables.yaml", one_more_link(STARTED, "{table: reliable_change, where: {scale: W1, class: Total}, times: 1}"), r"links\.0\.terms\.1\.where\.scale: reliable_change has no row with W1"),
    "an overlap with a group of another facet": ("tables.yaml", one_more_overlap(part=CELL.format("gender", "18-24")), r"overlaps\.0\.part\.where: attitude_attrition has no row with 18-24 in category, gender in characteristic"),
    "a headline of a group of another facet": ("tables.yaml", instead("    - {table: funnel}\n", "    - {table: attitude_attrition, where: {characteristic: gender, category: 18-24}}\n"), r"importance\.headline\.0: table attitude_attrition has no row with gender in characteristic, 18-24 in category"),
    "a headline of an answer that a question does not have": ("tables.yaml", instead("    - {table: funnel}\n", '    - {table: experience, where: {answer: "10"}, over: {question: experience_questions_mid}}\n'), r"importance\.headline\.0: table experience has no row with M1 in question, 10 in answer"),
    "a facet of which nobody says the groups": ("tables.yaml", instead("facets: {gender: gender, age band: age_band, delivery: delivery}}", "facets: {age band: age_band, delivery: delivery}}"), r"dimensions\.group_name\.also: nothing says which categories gender has"),
    "a facet whose groups may not be printed": ("tables.yaml", instead("group_value: {title: Group, values: data, like: [gender, age_band, delivery]}", "group_value: {title: Group, values: data, like: [gender, age_band]}"), r"dimensions\.group_name\.facets\.delivery: its categories may not be printed"),
    "labels by a column that the table lacks": ("tables.yaml", instead("    dimensions: [missed_in_a_row, delivery]\n", "    dimensions: [missed_in_a_row, delivery, experience_answer]\n"), r"dimensions\.experience_answer\.labels_within: table missed_in_a_row has no column question"),
    # Links and overlaps that say nothing, or cannot be.
    "a cell less itself": ("tables.yaml", one_more_link(STARTED, STARTED.replace("-1", "1")), r"links\.0\.terms\.1: it is the cell of terms\.0"),
    "a cell twice under two names": ("tables.yaml", one_more_link("{table: funnel_by_borough, where: {stage: started}, times: 1}", '{table: funnel_by_borough, where: {borough: "{borough}", stage: started}, times: -1}', more="each: [borough], "), r"links\.0\.terms\.1: it is the cell of terms\.0"),
    "a link that is said again": ("tables.yaml", one_more_link("{table: eligibility_agreement, where: {derived: eligible, crc_decision: Total}, times: 1}", "{table: funnel, where: {stage: eligible}, times: -1}"), r"links\.4: links\.0 says so already"),
    "a link that is said again the other way round": ("tables.yaml", one_more_link("{table: funnel, where: {stage: eligible}, times: 2}", "{table: eligibility_agreement, where: {derived: eligible, crc_decision: Total}, times: -2}"), r"links\.4: links\.0 says so already"),
    "a count of people that is always nobody": ("tables.yaml", instead("  - why: Eligible and assigned is the stage assigned\n", "  - why: So are they\n    is_count: true\n    terms:\n      - {table: eligibility_agreement, where: {derived: eligible, crc_decision: Total}, times: 1}\n      - {table: funnel, where: {stage: eligible}, times: -1}\n  - why: Eligible and assigned is the stage assigned\n"), r"links\.4: links\.3 says so already"),
    "an equality of what only adds": ("tables.yaml", one_more_link(STARTED.replace("-1", "1"), STARTED.replace("started", "assigned").replace("-1", "1")), r"links\.0\.terms: counts of people do not add up to 0"),
    "a count of less than nobody": ("tables.yaml", one_more_link(STARTED, STARTED.replace("started", "assigned"), more="is_count: true, "), r"links\.0\.terms: less than nobody"),
    "an overlap of a cell with itself": ("tables.yaml", one_more_overlap(part=CELL.format("OFF at start", "Total")), r"overlaps\.0\.whole\.0: it is the part itself"),
    "an overlap that is there already": ("tables.yaml", one_more_overlap(part="{table: attitude_change, where: {comparison: start-end, group_name: Total, group_value: Total}, count: n_paired}", whole=CELL.format('"{scale} at start"', "Total"), each="[scale]"), r"overlaps\.1: it is overlaps\.0 again"),
    "an overlap of what has no scores": ("tables.yaml", one_more_overlap(part="{table: funnel, where: {stage: started}}"), r"overlaps\.0\.part: no statistic of scores of funnel stands on n"),
    "an overlap of shares": ("tables.yaml", one_more_overlap(part="{table: experience, where: {question: M1, answer: Total}}"), r"overlaps\.0\.part: no statistic of scores of experience"),
    "an overlap along columns of several tables": ("tables.yaml", one_more_overlap(part="{table: attitude_change, where: {scale: 'OFF', comparison: start-end, group_name: Total}, count: n_paired}", whole="{table: attitude_attrition, where: {category: Total}, count: n_with_end}", each="[characteristic, group_value]"), r"overlaps\.0\.each: no table of the part and the whole"),
    # Spellings that nothing matches.
    "a synonym with blanks around it": ("dpia.yaml", instead("    m: Male\n", '    " ma ": Male\n'), r"code_synonyms\.gender\. ma : what arrives is read without blanks.*write ma"),
    "a synonym with .0 at its end": ("dpia.yaml", instead("    m: Male\n", '    "7.0": Male\n'), r"code_synonyms\.gender\.7\.0: what arrives"),
    "a synonym of blanks": ("dpia.yaml", instead("    m: Male\n", '    " ": Male\n'), r"code_synonyms\.gender: one of them is blank"),
    "a code with blanks around it": ("dpia.yaml", instead('    "Male": Male\n', '    "Male": Male\n    " Man": Man\n'), r"code_lists\.gender\. Man: what arrives"),
    "two codes in other letters": ("dpia.yaml", instead('    "Male": Male\n', '    "Male": Male\n    male: Men\n'), r"code_lists\.gender\.male: male is read as Male"),
    "two codes in other zeros": ("dpia.yaml", instead('    "07": Transferred out of London\n', '    "07": Transferred out of London\n    "7": Transferred\n'), r"code_lists\.reason_not_assigned\.7: 7 is read as 07"),
    "two synonyms in other letters": ("dpia.yaml", instead("    m: Male\n", "    m: Male\n    M: Female\n"), r"code_synonyms\.gender\.M: M is read as m"),
    # Whose data it is, and whose pipeline.
    "nobody to send a request on to": ("dpia.yaml", lambda t: re.sub(r"  send_on:\n(    .*\n)+", "  send_on: {}\n", t), r"rights\.send_on: nothing says where a request about nps_court_outcomes goes"),
    "a request about data of our own that is sent on": ("dpia.yaml", instead("  send_on:\n", "  send_on:\n    ors_attendee_survey: Send it on.\n"), r"rights\.send_on\.ors_attendee_survey: .*itself"),
    "a request about anonymous forms that is sent on": ("dpia.yaml", instead("  send_on:\n", "  send_on:\n    mtc_novo: Send it on.\n"), r"rights\.send_on\.mtc_novo: .*anonymous"),
    "an owner that Dagster refuses": ("dpia.yaml", instead("owner: team:evidence-and-insight", "owner: nonsense with blanks"), r"evaluation\.owner: it is neither"),
    # Scores and labels.
    "a mean that is a test": ("tables.yaml", instead("{mean: mean_start, sd: sd_start,", "{mean: t, sd: sd_start,"), r"tables\.attitude_change: scored names t, which is of kind test"),
    "a standard deviation that is a test": ("tables.yaml", instead("{mean: mean_start, sd: sd_start,", "{mean: mean_start, sd: p,"), r"tables\.attitude_change: scored names p, which is of kind test"),
    "a standard deviation that is the mean": ("tables.yaml", instead("{mean: mean_start, sd: sd_start,", "{mean: mean_start, sd: mean_start,"), r"tables\.attitude_change\.scored\.0: sd is the mean itself"),
    "scores from the greatest to the least": ("tables.yaml", instead("{mean: mean_engagement, range: [1, 5]}", "{mean: mean_engagement, range: [5, 1]}"), r"tables\.attendance_by_session\.scored\.0: range"),
    "agreement with more answers than labels": ("questionnaire.yaml", instead("id: X2, stage: end, kind: likert, range: [1, 5]", "id: X2, stage: end, kind: likert, range: [1, 7]"), r"stage_specific\.X2\.range: value_labels_likert has labels of 1, 2, 3, 4, 5"),
    "labels of agreement with one left out": ("questionnaire.yaml", instead('  "5": Strongly disagree\n', ""), r"stage_specific\.X2\.range: value_labels_likert has labels of 1, 2, 3, 4;"),
    "missing codes of a scale that are none": ("questionnaire.yaml", lambda t: re.sub(r"    missing_codes:\n(      .*\n)+", "    missing_codes: {}\n", t), r"scales\.ONS4\.missing_codes"),
    "a kind of missing without a code": ("questionnaire.yaml", instead('  "98": Prefer not to say\n', ""), r"questionnaire\.yaml, missing_codes: there is one code for each kind"),
    "a kind of missing of a scale that nobody knows": ("questionnaire.yaml", instead('      "98": Prefer not to say\n', '      "98": Refused\n'), r"scales\.ONS4\.missing_codes: there is one code"),
    "a missing code that is an answer": ("questionnaire.yaml", instead('      "97": Don', '      "7": Don'), r"scales\.ONS4\.missing_codes\.7: it is an answer"),
    "a missing code that is an answer to a question": ("questionnaire.yaml", instead('  "97": Don', '  "7": Don'), r"questionnaire\.yaml, missing_codes\.7: it is an answer"),
    # Keys that change nothing.
    "a floor of a text": ("tables.yaml", instead("{title: How p was adjusted, kind: text,", "{title: How p was adjusted, kind: text, floor: 0.1,"), r"statistics\.adjustment: a text has neither"),
    "decimals of a text": ("tables.yaml", instead("{title: How p was adjusted, kind: text,", "{title: How p was adjusted, kind: text, decimals: 2,"), r"statistics\.adjustment: a text has neither"),
    "a need that is said twice": ("tables.yaml", instead("with: n_start, needs: [n_paired]}", "with: n_start, needs: [n_start, n_paired]}"), r"statistics\.model_change: needs names n_start"),
    "a statistic of the whole of what does not add up": ("tables.yaml", instead("sd_start: {title: Standard deviation at the start, kind: mean, with: n_start}", "sd_start: {title: Standard deviation at the start, kind: mean, with: n_start, whole: true}"), r"tables\.reliable_change_threshold\.statistics\.sd_start\.whole"),
    "a statistic of the total of what does not add up": ("tables.yaml", instead("sd_start: {title: Standard deviation at the start, kind: mean, with: n_start}", "sd_start: {title: Standard deviation at the start, kind: mean, with: n_start, of_total: true}"), r"tables\.reliable_change_threshold\.statistics\.sd_start\.of_total"),
    "a count that holds nothing": ("tables.yaml", instead("nested_counts: [n_expected, n_attended]", "nested_counts: [n_expected]"), r"tables\.attendance_by_session: nested_counts is of one count"),
    "a count that falls and rises": ("tables.yaml", instead("rising: {n_events: months", "rising: {n_at_risk: months, n_events: months"), r"tables\.reoffending: n_at_risk is falling and rising"),
    "a group of nothing": ("tables.yaml", instead("          North London: [Barnet", "          Elsewhere: []\n          North London: [Barnet"), r"hierarchies\.borough\.levels\.0: group Elsewhere has no category"),
    "a level with the name of its dimension": ("tables.yaml", instead("- {name: quarter,", "- {name: month,"), r"hierarchies\.month\.levels\.month: a level has the name of its dimension"),
    "a column of a headline that is said twice": ("tables.yaml", instead("group_value: Total}, over: {scale: primary_scales}}", "group_value: Total, scale: 'OFF'}, over: {scale: primary_scales}}"), r"importance\.headline\.2: scale stands under where and under over"),
    "a field that is required where nothing is": ("dpia.yaml", lambda t: re.sub(r"required_where: \{event: \[[^]]*\]\}", "required_where: {event: []}", t), "field event_date: required_where"),
    "a field that is required where it is itself": ("dpia.yaml", lambda t: re.sub(r"required_where: \{event:", "required_where: {event_date:", t), "field event_date: required_where"),
    "more categories of a listed dimension": ("tables.yaml", instead("values: [rose, fell, stayed]}", "values: [rose, fell, stayed], also: [vanished]}"), r"dimensions\.movement: also is of categories from the data"),
    "a listed dimension like another": ("tables.yaml", instead("values: [rose, fell, stayed]}", "values: [rose, fell, stayed], like: [class]}"), r"dimensions\.movement: like is of categories from the data"),
    "a listed dimension with a shape": ("tables.yaml", instead("values: [rose, fell, stayed]}", "values: [rose, fell, stayed], shape: '[a-z]+'}"), r"dimensions\.movement: shape is of categories from the data"),
    "words of a free text": ("dpia.yaml", instead("headers: [Comments], class: free text, kind: text,", "headers: [Comments], class: free text, kind: text, words: courts,"), "field comments: only a field of kind text that is no free text has words"),
    "a date that names somebody": ("dpia.yaml", instead("headers: [Date of Birth], ", "headers: [Date of Birth], names_others: true, "), "field date_of_birth: names_others"),
}  # fmt: skip


@pytest.mark.parametrize("what", IN_VAIN)
def test_what_would_be_in_vain_is_refused(copied: Path, what: str) -> None:
    assert_refused(copied, *IN_VAIN[what])
