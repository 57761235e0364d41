"""The report as a whole HTML file that opens from disk and loads nothing from anywhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from safer_streets_assets.policy import Policy
from safer_streets_assets.quotes.printing import PrintedQuote
from safer_streets_assets.release.charts.chart import Chart
from safer_streets_assets.release.content import ReleaseTable
from safer_streets_assets.release.database import Identity
from safer_streets_assets.release.invented import INVENTED
from safer_streets_assets.release.report.about import about_sections
from safer_streets_assets.release.report.parts import in_parts
from safer_streets_assets.release.report.printed import NO_BREAK, PrintedTables, day
from safer_streets_assets.release.report.sections import sections_of
from safer_streets_assets.release.report.terms import terms_in

REPORT = "report.html"
TEMPLATES = Path(__file__).parent / "templates"


def report_page(
    policy: Policy,
    identity: Identity,
    tables: Sequence[ReleaseTable],
    charts: Sequence[Chart],
    quotes: Sequence[PrintedQuote] = (),
) -> bytes:
    """The report of a release as a page; `charts` are those of its tables, `quotes` its own.

    The same release makes the same bytes.
    """
    printed = PrintedTables(policy, tables)
    shown = sections_of(printed, charts, quotes)
    words = terms_in(policy, repr(shown))
    about = about_sections(policy, identity, printed, tables, has_quotes=bool(quotes), words=words)
    evaluation = policy.dpia.evaluation
    return rendered(
        "report.html.jinja",
        title=f"{evaluation.name}: what the evaluation shows",
        maker=f"{evaluation.data_controller}, {evaluation.unit}",
        identity=identity,
        made_on=day(identity.made_at.date()),
        invented=INVENTED if identity.invented else "",
        sections=[*shown, *about],
    )


def rendered(template: str, **said: object) -> bytes:
    """A page of ours with what is said in it, its style and its script written into it."""
    script = _text("script.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    text = (
        _environment()
        .get_template(template)
        .render(
            style=Markup(_text("style.css")),  # noqa: S704 (our own file)
            script=Markup(script),  # noqa: S704 (our own file)
            content_policy=(
                f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
                "base-uri 'none'; form-action 'none'"
            ),
            **said,
        )
    )
    return text.encode()


def _unbroken(said: object) -> object:
    """Text in which no line breaks before a percent sign; markup as it is."""
    if isinstance(said, str) and not isinstance(said, Markup):
        return said.replace(" %", f"{NO_BREAK}%")
    return said


def _picture(svg: str) -> Markup:
    return Markup(in_parts(svg))  # noqa: S704 (our own markup)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_unbroken,
    )
    # Pictures are made by an XML writer, which escapes what is in them.
    environment.filters["picture"] = _picture
    # Escaped, and for the rest as it is: what somebody approved is printed to the letter.
    environment.filters["exact"] = escape
    return environment


@cache
def _text(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")
