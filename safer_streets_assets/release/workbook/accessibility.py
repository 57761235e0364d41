"""The accessibility checklist of the Government Analysis Function, held against the workbook.

A rule that a program can check is checked by a test of its own name, which opens both files of a
release. A rule that only a person can judge is said to be one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from safer_streets_assets.release.invented import INVENTED

GUIDANCE = (
    "https://analysisfunction.civilservice.gov.uk/policy-store/"
    "making-spreadsheets-accessible-a-brief-checklist-of-the-basics/"
)
Judge = Literal["test", "person", "departs"]
SAID: dict[Judge, str] = {
    "test": "Met; a test opens both files and checks it",
    "person": "For a person to check",
    "departs": "Departed from; a test checks what is done instead",
}


@dataclass(frozen=True)
class AccessibilityRule:
    """A rule of the checklist. `name` is that of its test; `essential` says that the guidance takes
    it as needed to meet the regulations; `how` says how it is kept."""

    name: str
    section: str
    rule: str
    how: str
    judge: Judge = "test"
    essential: bool = True


RULES = (
    AccessibilityRule(
        "tables_are_marked_up", "Tables", "Mark up tables", "Every table is one to the program."
    ),
    AccessibilityRule(
        "tables_have_names",
        "Tables",
        "Give tables meaningful names",
        "Each is called as in the database: table_funnel.",
        essential=False,
    ),
    AccessibilityRule(
        "nothing_is_merged",
        "Tables",
        "Remove merged cells, split cells and nested tables",
        "There are none.",
    ),
    AccessibilityRule(
        "no_row_or_column_is_blank",
        "Tables",
        "Remove blank rows and columns within tables",
        "There are none, above a table neither.",
    ),
    AccessibilityRule(
        "each_table_has_one_heading_row",
        "Tables",
        "Give every table one tagged header row",
        "Each heading has a text, and no two of a table have the same.",
    ),
    AccessibilityRule(
        "text_in_tables_wraps",
        "Tables",
        "Wrap text within cells",
        "Cells of tables wrap, and rows grow with them.",
    ),
    AccessibilityRule(
        "freezing_is_explained",
        "Tables",
        "Avoid filters and frozen panes; else say how to turn them off",
        "There are no filters. The headings are frozen, since tables have hundreds of rows; column "
        "A says how to turn that off.",
        judge="departs",
        essential=False,
    ),
    AccessibilityRule(
        "no_cell_of_a_table_is_empty",
        "Tables",
        "Say why a cell has no data",
        "A cell without a figure has a shorthand, which is explained above its table.",
    ),
    AccessibilityRule(
        "nothing_is_hidden",
        "Tables",
        "Avoid hidden rows or columns",
        "Nothing is hidden.",
        essential=False,
    ),
    AccessibilityRule(
        "shorthand_is_in_square_brackets",
        "Footnotes",
        "Use no symbols or superscript for notes",
        "Shorthand stands in square brackets: [c], [x], [z].",
    ),
    AccessibilityRule(
        "notes_are_called_notes",
        "Footnotes",
        "Use the word note with a number in square brackets",
        "[note 1] stands above the table that it is of.",
    ),
    AccessibilityRule(
        "no_note_is_in_a_cell_of_figures",
        "Footnotes",
        "Avoid note markers in specific cells",
        "Notes are of a table.",
        essential=False,
    ),
    AccessibilityRule(
        "notes_have_a_table_of_their_own",
        "Footnotes",
        "Put note text in a table on a notes worksheet",
        "It is called Notes; what each note begins with stands above its table, too.",
    ),
    AccessibilityRule(
        "plain_english",
        "Formatting",
        "Make written content meet the accessibility guidelines",
        "Titles and notes are words of the policy.",
        judge="person",
    ),
    AccessibilityRule(
        "text_is_large_sans_serif_and_upright",
        "Formatting",
        "Format text to make it accessible",
        "Arial, 12 points or more, the colour of the reader's settings, no italics, all of it "
        "horizontal.",
    ),
    AccessibilityRule(
        "titles_are_headings",
        "Formatting",
        "Give each worksheet a descriptive title that is tagged",
        "Cell A1 has the style Heading 1; headings of the cover have Heading 2.",
    ),
    AccessibilityRule(
        "no_symbol_stands_for_a_word",
        "Formatting",
        "Avoid symbols",
        "No cell is a symbol only, and none is taken for a formula.",
        essential=False,
    ),
    AccessibilityRule(
        "no_headers_footers_or_floating_things",
        "Formatting",
        "Use no headers, footers or floating text boxes",
        "There are none.",
    ),
    AccessibilityRule(
        "nothing_is_filled_bordered_or_coloured",
        "Formatting",
        "Divide nothing by looks, use no fill, say nothing by colour only",
        "There is no fill, no border and no colour; links are underlined.",
    ),
    AccessibilityRule(
        "no_images", "Formatting", "Avoid images", "There are none.", essential=False
    ),
    AccessibilityRule(
        "no_macros_and_no_formulas", "Formatting", "Remove macros", "There are none, nor formulas."
    ),
    AccessibilityRule(
        "worksheets_have_names_of_their_own",
        "Structure",
        "Give worksheets unique names or numbers",
        "Each is called as its table is in the database; 31 characters at most.",
    ),
    AccessibilityRule(
        "no_worksheet_is_blank", "Structure", "Remove blank worksheets", "There are none."
    ),
    AccessibilityRule(
        "column_a_explains_the_table",
        "Structure",
        "Use cells in column A wisely",
        "Title, how many tables, who is counted, notes, shorthand and a link to the contents, each "
        "in a cell of its own.",
    ),
    AccessibilityRule(
        "tables_begin_at_the_left",
        "Structure",
        "Position tables against the left-hand edge",
        "Each begins in column A.",
    ),
    AccessibilityRule(
        "nothing_is_below_a_table",
        "Structure",
        "Avoid content below a table",
        "There is none.",
        essential=False,
    ),
    AccessibilityRule(
        "one_table_a_worksheet",
        "Structure",
        "Avoid worksheets with several tables",
        "Each worksheet has one table, the cover none.",
        essential=False,
    ),
    AccessibilityRule(
        "links_lead_somewhere",
        "Structure",
        "Make links say where they lead",
        "Contents link to every table, every table back; no text of a link is an address.",
    ),
    AccessibilityRule(
        "spelling",
        "Before publishing",
        "Check spelling and grammar",
        "Words come from the policy and from the code.",
        judge="person",
    ),
    AccessibilityRule(
        "excel_checker",
        "Before publishing",
        "Use the accessibility checker of Excel",
        "It may ask for alternative text of tables, which the guidance does not ask for.",
        judge="person",
        essential=False,
    ),
    AccessibilityRule(
        "title_and_language_are_set",
        "Before publishing",
        "Add document information",
        "Title, creator, subject, keywords and language (British English) are set.",
    ),
    AccessibilityRule(
        "figures_line_up",
        "Before publishing",
        "Align text left and figures right",
        "Figures are numbers with commas between thousands, to the right, as their headings are.",
        essential=False,
    ),
)
"""In the order of the guidance."""


def checklist(*, invented: bool) -> str:
    """The checklist as Markdown."""
    return "\n".join(_lines(invented)) + "\n"


def _lines(invented: bool) -> Iterator[str]:
    yield "# Accessibility of the workbook"
    yield ""
    if invented:
        yield f"{INVENTED}\n"
    yield (
        "This holds the workbook of this release, as XLSX and as ODS, against the "
        f"[checklist of the Government Analysis Function]({GUIDANCE}). The tests belong to the "
        "code that makes the workbook; code of which one fails is not taken in."
    )
    for section in dict.fromkeys(rule.section for rule in RULES):
        yield f"\n## {section}\n"
        yield "| Rule | Essential | State | How |"
        yield "| --- | --- | --- | --- |"
        for rule in RULES:
            if rule.section == section:
                essential = "yes" if rule.essential else "no"
                yield f"| {rule.rule} | {essential} | {SAID[rule.judge]} | {rule.how} |"
