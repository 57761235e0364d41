"""Quotes in a release: to the letter in its file and on its page, covered by its hashes."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from markupsafe import escape

from safer_streets_assets.quotes.printing import PrintedQuote
from safer_streets_assets.release import ReleaseError, UnsafeReleaseError, verify_release
from safer_streets_assets.release.assets import newest_quotes
from safer_streets_assets.release.checksums import QUOTES, file_sha256
from safer_streets_assets.release.up_to_date import newest_release, record_up_to_date
from safer_streets_assets_tests.builders import ATTENDEE
from safer_streets_assets_tests.release.builders import (
    POLICY,
    content,
    data_folder,
    open_registers,
    quote,
    register_rows,
)
from safer_streets_assets_tests.release.builders import publish as publish_in

WORDS = 'They "listened" (to me), 100 % & more, said [NAME]'


PLAIN = quote(WORDS.replace("100", "9"))
OTHER = quote("Role play taught me a lot", "x5")


def rows_of(path: Path) -> list[dict[str, str]]:
    with (path / QUOTES).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_release_prints_its_quotes_to_the_letter(tmp_path: Path) -> None:
    published = publish_in(data_folder(tmp_path), content(quotes=[PLAIN, OTHER]))
    verify_release(published.path)
    assert [row["words"] for row in rows_of(published.path)] == [PLAIN.words, OTHER.words]
    assert rows_of(published.path)[0] == {
        "source": ATTENDEE,
        "source_label": PLAIN.source_title,
        "question": "m2",
        "question_label": PLAIN.asked,
        "words": PLAIN.words,
        "consent": "asked_in_writing",
        "consent_label": PLAIN.consent_says,
    }
    page = (published.path / "report.html").read_text()
    section = page.split('<section id="quotes"')[1].split("</section>")[0]
    assert f"<p>{escape(PLAIN.words)}</p>" in section
    assert f"{OTHER.source_title}: {OTHER.asked}" in section
    assert PLAIN.consent_says in section
    sums = (published.path / "SHA256SUMS").read_text()
    assert f"{file_sha256(published.path / QUOTES)}  {QUOTES}\n" in sums
    package = json.loads((published.path / "datapackage.json").read_text())
    [resource] = [one for one in package["resources"] if one["path"] == QUOTES]
    assert resource["hash"] == f"sha256:{file_sha256(published.path / QUOTES)}"


def test_a_release_without_quotes_has_no_file_and_no_section(tmp_path: Path) -> None:
    published = publish_in(data_folder(tmp_path), content())
    assert not (published.path / QUOTES).exists()
    assert "In their own words" not in (published.path / "report.html").read_text()
    assert "quote" not in (published.path / "CHANGELOG.md").read_text()


def test_a_quote_that_comes_or_goes_makes_a_new_release_and_the_changelog_says_so(
    tmp_path: Path,
) -> None:
    folder = data_folder(tmp_path)
    publish_in(folder, content())
    with_two = publish_in(folder, content(quotes=[PLAIN, OTHER]))
    same = publish_in(folder, content(quotes=[PLAIN, OTHER]))
    assert (with_two.number, same) == (2, replace(with_two, changed=False))
    without = publish_in(folder, content(quotes=[OTHER]))
    none = publish_in(folder, content())
    assert [row[1] for row in register_rows(folder)] == [1, 2, 3, 4]
    said = [(one.path / "CHANGELOG.md").read_text() for one in (with_two, without, none)]
    assert "- New since the release before: two quotes." in said[0]
    assert "- One quote in people's own words" in said[1]
    assert "- Not printed any more: one quote." in said[1]
    assert "- Not printed any more: one quote." in said[2]
    assert all("No printed value changed" not in one for one in said)
    assert "listened" not in "".join(said)


def test_the_bytes_of_quotes_are_the_same_whenever_they_are_written(tmp_path: Path) -> None:
    places = [
        publish_in(data_folder(tmp_path / name), content(quotes=[PLAIN, OTHER])).path
        for name in ("first", "second")
    ]
    for file in (QUOTES, "report.html", "CHANGELOG.md", "release.json"):
        first, second = [(place / file).read_bytes() for place in places]
        assert first == second


@pytest.mark.parametrize("change", ["words", "gone"])
def test_a_release_whose_quotes_were_changed_is_not_whole(tmp_path: Path, change: str) -> None:
    published = publish_in(data_folder(tmp_path), content(quotes=[OTHER]))
    file = published.path / QUOTES
    if change == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes().replace(b"a lot", b"a bit"))
    with pytest.raises(ReleaseError):
        verify_release(published.path)


@pytest.mark.parametrize(
    "unsafe",
    [
        quote("=cmd and two words"),
        quote("My number is A100001 and more"),
        quote("I was 19 when it began"),
        quote("They sent me to Croydon"),
        replace(OTHER, consent="none"),
        replace(OTHER, consent="form_says_so"),
        replace(OTHER, consent_says="Nobody was asked"),
        replace(OTHER, field="crn"),
        replace(OTHER, source_title="Survey of men of 19 in Lambeth"),
    ],
)
def test_the_last_gate_refuses_a_quote_that_may_not_be_printed(
    tmp_path: Path, unsafe: PrintedQuote
) -> None:
    folder = data_folder(tmp_path)
    with pytest.raises(UnsafeReleaseError) as refused:
        publish_in(folder, content(quotes=[OTHER, unsafe]))
    assert unsafe.words not in str(refused.value)
    assert not folder.releases.exists() or list(folder.releases.iterdir()) == []


def test_quotes_of_invented_people_say_so(tmp_path: Path) -> None:
    published = publish_in(data_folder(tmp_path), content(quotes=[OTHER], invented=True))
    verify_release(published.path)
    assert rows_of(published.path)[0]["invented_data"] == "true"


def test_the_words_of_the_newest_release_are_looked_at_again(tmp_path: Path) -> None:
    folder = data_folder(tmp_path)
    for quotes, words in (([], []), ([PLAIN, OTHER], [PLAIN.words, OTHER.words]), ([], [])):
        publish_in(folder, content(quotes=quotes))
        with open_registers(folder) as registers:
            assert newest_quotes(folder, registers) == words


def test_a_release_is_up_to_date_until_a_quote_is_approved_or_withdrawn(tmp_path: Path) -> None:
    folder = data_folder(tmp_path)
    published = publish_in(folder, content())
    folder.database("research").touch()
    with open_registers(folder) as registers:
        for decision, up_to_date in (("proposed", True), ("approved", False), ("withdrawn", False)):
            record_up_to_date(registers, POLICY, published.release_id)
            registers.execute(
                "INSERT INTO registers.quote_decisions "
                "VALUES ('q', ?, 's', 'f', 'c', 'w', 'ada', now())",
                [decision],
            )
            newest = newest_release(registers, folder, POLICY)
            assert newest is not None
            assert newest.is_up_to_date is up_to_date
