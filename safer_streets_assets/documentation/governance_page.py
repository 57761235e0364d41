"""The generated part of the page for information governance: what enforces each section of the DPIA
and which tests show that it does."""

from __future__ import annotations

from collections.abc import Mapping

from safer_streets_assets.documentation.errors import DocumentsError
from safer_streets_assets.documentation.markdown import code, sentence, table_lines
from safer_streets_assets.policy import Policy

SHOWN_BY: Mapping[str, tuple[str, ...]] = {
    "purpose": (
        "release/test_closing_gates.py::"
        "test_below_a_gate_every_table_of_its_stage_is_empty_and_at_it_all_are_made",
        "attitudes/test_gate.py::test_the_gate_opens_at_the_number_and_not_below",
    ),
    "minimisation": (
        "intake/test_minimisation.py::test_a_column_outside_the_agreement_is_in_no_byte_on_disk",
        "intake/test_refusals.py::test_what_no_agreement_covers_is_refused_unread_and_sealed",
    ),
    "lawful_basis": (
        "policy/test_lawful_basis.py::test_the_words_of_table_4_1_stand_as_they_are",
        "policy/test_lawful_basis.py::"
        "test_a_difference_is_an_open_question_and_the_same_basis_is_none",
    ),
    "depersonalisation": (
        "privacy/test_after_runs.py::"
        "test_the_restricted_store_holds_the_canaries_and_the_research_store_no_identifier",
        "texts/test_redacted_texts.py::test_whoever_is_held_is_masked_in_every_free_text",
    ),
    "eligibility": (
        "cohort/test_linked.py::test_eligibility_at_its_boundaries",
        "policy/test_shipped.py::test_the_roll_out_has_the_boroughs_of_the_dpia_at_their_dates",
    ),
    "reporting": (
        "release/test_mutations.py::test_any_primary_cell_unhidden_is_refused",
        "release/test_years_of_releases.py::test_every_quarter_is_published_and_true",
        "privacy/test_after_runs.py::test_no_canary_stands_anywhere_after_a_run",
    ),
    "police_data": (
        "policy/test_shipped.py::test_no_police_data_is_agreed",
        "intake/test_refusals.py::test_what_no_agreement_covers_is_refused_unread_and_sealed",
    ),
    "security": (
        "stores/test_database.py::test_encrypted_stores_hold_no_planted_text",
        "stores/test_folder_and_keys.py::test_stores_and_keys_are_for_their_owner_alone",
        "console/test_pages.py::test_pages_are_read_only_by_default",
    ),
    "retention": (
        "retention/test_register.py::"
        "test_personal_data_is_due_twelve_months_after_the_latest_publication",
        "retention/test_enforcement.py::test_on_the_due_day_no_byte_of_a_person_is_left_anywhere",
        "retention/test_enforcement.py::test_a_day_early_nothing_changes_in_any_byte",
    ),
    "transparency": (
        "retention/test_enforcement.py::test_each_holding_erased_has_one_certificate",
        "release/test_publishing.py::test_the_first_release_is_whole_registered_and_published",
    ),
    "rights": (
        "rights/test_subject_access.py::test_every_row_of_every_table_is_given",
        "retention/test_on_request.py::test_an_erased_person_is_in_no_byte_and_others_are_as_before",
        "accountability/test_registers.py::"
        "test_a_request_is_due_a_calendar_month_after_its_receipt",
    ),
    "accountability": (
        "accountability/test_registers.py::test_both_clocks_of_a_breach_count_down_and_run_out",
        "accountability/test_registers.py::"
        "test_the_review_of_the_dpia_is_due_each_year_and_then_overdue",
        "accountability/test_registers.py::test_each_party_has_a_primary_and_a_secondary_contact",
    ),
}
"""Section of the DPIA to tests in `safer_streets_assets_tests/` that fail when it is broken."""


def shown_part(policy: Policy) -> list[str]:
    """A Markdown table, one line a section: what it asks, where the code enforces it, the tests.

    Raises:
        DocumentsError: a section has no test.
    """
    missing = [name for name in policy.dpia.sections if not SHOWN_BY.get(name)]
    if missing:
        raise DocumentsError(
            f"No test shows the section {missing[0]} of dpia.yaml; name one in governance_page.py."
        )
    rows = [
        (
            section.title,
            sentence(section.asks),
            ", ".join(_enforcer(one) for one in section.enforced_by),
            "<br>".join(map(code, SHOWN_BY[name])),
        )
        for name, section in policy.dpia.sections.items()
    ]
    header = ("DPIA section", "What it asks", "Where the code enforces it", "Tests that show it")
    return list(table_lines(header, rows))


def _enforcer(enforcer: str) -> str:
    kind, _, what = enforcer.partition(" ")
    return f"{kind} {code(what)}"
