"""Errors of the attitude modules: one sentence that says what to do and no value from the data."""

from __future__ import annotations

from safer_streets_assets.errors import SaferStreetsError


class AttitudesError(SaferStreetsError):
    """The responses, scores or people handed over are not of the agreed shape."""


class QuestionnaireError(SaferStreetsError):
    """The questionnaire in the policy cannot be read as scales and items."""
