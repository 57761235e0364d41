"""The commands of disclosure control: all releases attacked, and a table of one's own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from safer_streets_assets.cli import app
from safer_streets_assets.disclosure.core import PublishedRelease
from safer_streets_assets.disclosure.earlier import as_published, printed_files, structure_of
from safer_streets_assets.disclosure.joint_protection import protect_tables
from safer_streets_assets.release.checksums import checksum_lines, content_hash, read_tables
from safer_streets_assets.release.publishing import RELEASE_FOLDER
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.disclosure.test_proving import aggregates_of
from safer_streets_assets_tests.release.builders import POLICY, content, data_folder, publish

CANARY = "Zebedee Canary"
BOROUGH = "Kingston upon Thames"
FIRST = {"Hackney": 120, "Lambeth": 90, BOROUGH: 60, "Ealing": 14}
SECOND = {"Hackney": 160, "Lambeth": 130, BOROUGH: 60, "Ealing": 14}
FALLEN = (
    {"Hackney": 20, "Lambeth": 42, "Brent": 39, "Ealing": 13, "Camden": 28},
    {"Hackney": 35, "Lambeth": 39, "Brent": 30, "Ealing": 28, "Camden": 29},
)
SPEC = "threshold: 5\ndimensions: {borough: , gender: }\ncounts: [n]\n"
TABLE = f"borough,gender,n\n{CANARY},F,3\n{CANARY},M,40\nBrent,F,21\nBrent,M,33\n"


def release(folder: DataFolder, sentenced: dict[str, int]) -> Path:
    """Publishes what is protected against all releases before it."""
    earlier: list[PublishedRelease] = []
    for path in sorted(folder.releases.glob("r*")):
        earlier.append(as_published(path.name, *printed_files(path)))
    made = protect_tables(POLICY, aggregates_of(sentenced), earlier)
    given = content(
        made.tables,
        summary=made.summary,
        structure=structure_of(made),
        drop_ids=[f"{len(earlier)}"],
    )
    return publish(folder, given).path


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published folder of two releases, each of which hides something."""
    folder = data_folder(tmp_path_factory.mktemp("original"))
    for sentenced in (FIRST, SECOND):
        assert b"[c]" in read_tables(release(folder, sentenced))["funnel_by_borough"]
    return folder.published


@pytest.fixture
def published(original: Path, tmp_path: Path) -> Path:
    """Nothing but a copy of what is published."""
    return Path(shutil.copytree(original, tmp_path / "data" / "published"))


def run(*words: str | Path) -> Result:
    """A command in this process."""
    return CliRunner().invoke(app, [str(word) for word in words])


def attack(published: Path) -> Result:
    """`safer-streets attack` on the data folder of a published folder."""
    return run("attack", "--data", published.parent)


def newest(published: Path) -> Path:
    """The newest release folder."""
    return max((published / "releases").iterdir())


def edit(published: Path, change: Callable[[pd.DataFrame], None], *, marked: bool = False) -> None:
    """Edits the newest funnel by borough, and every checksum and name with it."""
    place = newest(published)
    file = place / "csv" / "funnel_by_borough.csv"
    frame = pd.read_csv(file, dtype="string", keep_default_na=False)
    change(frame)
    if not marked:
        frame.loc[frame["n"] != "", "n_marker"] = ""
    file.write_text(frame.to_csv(index=False))
    record = json.loads((place / "release.json").read_text())
    notes = {table["name"]: table["notes"] for table in record["tables"]}
    said = content_hash(read_tables(place), notes, record["policy_hash"], record["structure"])
    name = f"r{record['number']:04d}-{said[:8]}"
    record |= {"content_hash": said, "id": name}
    (place / "release.json").write_text(json.dumps(record))
    (place / "SHA256SUMS").write_bytes(checksum_lines(place))
    place.rename(place.with_name(name))


def test_releases_that_are_safe_together_are_proven_from_what_is_published_alone(
    published: Path,
) -> None:
    result = attack(published)
    assert result.exit_code == 0, result.output
    rows = [line.split() for line in result.output.splitlines() if line.startswith("funnel")]
    assert [(row[0], row[1], row[-1]) for row in rows] == [
        ("funnel", "2", "proven"),
        ("funnel_by_borough", "2", "proven"),
    ]
    counts = [
        pd.read_csv(path / "csv" / "funnel_by_borough.csv")["n_marker"].eq("[c]").sum()
        for path in (published / "releases").iterdir()
    ]
    hidden = sum(counts)
    assert rows[1][2:] == ["70", str(hidden), "0", "0", "0", "0", "0", "proven"]
    assert BOROUGH not in result.output
    assert sorted(path.name for path in published.parent.iterdir()) == ["published"]


def test_a_table_that_is_safe_as_counts_may_fall_is_proven_and_says_so(tmp_path: Path) -> None:
    folder = data_folder(tmp_path / "data")
    release(folder, FALLEN[0])
    release(folder, FALLEN[1])
    result = attack(folder.published)
    assert result.exit_code == 0, result.output
    assert "proven, as counts may fall" in result.output
    assert "print shows that counts fall" in result.output


def print_a_hidden_count(frame: pd.DataFrame) -> None:
    """Prints the true count of the first hidden cell of one borough."""
    row = frame.index[(frame["n"] == "") & (frame["borough"] == "Ealing")][0]
    share = dict(zip(POLICY.dpia.cohort.stages, (1, 0.9, 0.8, 0.6, 0.5, 0.3, 0.2), strict=True))
    frame.loc[row, "n"] = str(int(14 * share[frame.loc[row, "stage"]]))


def change_a_total(frame: pd.DataFrame) -> None:
    """Another number of all who were sentenced than the funnel prints."""
    total = (frame["borough"] == "Total") & (frame["stage"] == POLICY.dpia.cohort.stages[0])
    assert total.sum() == 1
    frame.loc[total, "n"] = "365"


def test_a_hidden_count_that_was_printed_is_found_by_the_attack(published: Path) -> None:
    edit(published, print_a_hidden_count)
    result = attack(published)
    assert result.exit_code == 1
    assert "funnel_by_borough cannot be shown to be safe" in str(result.exception)
    row = next(x.split() for x in result.output.splitlines() if x.startswith("funnel_by_borough"))
    assert row[-2:] == ["not", "proven"]
    assert sum(map(int, row[5:8])) > 0
    assert BOROUGH not in result.output + str(result.exception)


@pytest.mark.parametrize(
    ("change", "marked", "said"),
    [
        (change_a_total, False, "disagrees with another table"),
        (print_a_hidden_count, True, "not of the form that its release.json states"),
    ],
)
def test_figures_that_contradict_themselves_are_reported(
    published: Path, change: Callable[[pd.DataFrame], None], marked: bool, said: str
) -> None:
    edit(published, change, marked=marked)
    result = attack(published)
    assert result.exit_code == 1
    assert said in str(result.exception)
    # The id of a release ends in digits of a hash.
    assert "365" not in RELEASE_FOLDER.sub("", str(result.exception))


def forget_one(published: Path) -> None:
    shutil.rmtree(min((published / "releases").iterdir()))


def forget_the_newest(published: Path) -> None:
    shutil.rmtree(newest(published))


def edit_a_file(published: Path) -> None:
    file = newest(published) / "csv" / "funnel.csv"
    file.write_text(file.read_text().replace("291", "292"))
    assert "292" in file.read_text()


def cut_a_file_short(published: Path) -> None:
    file = newest(published) / "release.json"
    file.write_bytes(file.read_bytes()[:100])


def edit_the_database(published: Path) -> None:
    with (published / "published.duckdb").open("ab") as stream:
        stream.write(b"x")


def leave_nothing(published: Path) -> None:
    shutil.rmtree(published)
    published.mkdir()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (forget_one, "is missing"),
        (forget_the_newest, "a newer release is missing"),
        (edit_a_file, "not those of its SHA256SUMS"),
        (cut_a_file_short, "release.json"),
        (edit_the_database, "published.duckdb is not that of release"),
        (leave_nothing, "no release in the published folder"),
    ],
)
def test_a_release_that_is_missing_or_changed_ends_the_attack_with_a_sentence(
    published: Path, harm: Callable[[Path], None], said: str
) -> None:
    harm(published)
    result = attack(published)
    assert result.exit_code == 1
    assert said in str(result.exception)
    assert "proven" not in result.output


def files(place: Path, table: str = TABLE, spec: str = SPEC) -> list[str | Path]:
    """The words of `safer-streets protect` for a table and a spec."""
    (place / "own.csv").write_text(table)
    (place / "own.yaml").write_text(spec)
    return ["protect", place / "own.csv", "--spec", place / "own.yaml"]


def test_a_table_of_ones_own_is_written_with_what_is_hidden_marked(tmp_path: Path) -> None:
    result = run(*files(tmp_path))
    assert result.exit_code == 0, result.output
    written = (tmp_path / "own_protected.csv").read_text().splitlines()
    assert written[0] == "borough,gender,n,n_marker"
    assert f"{CANARY},F,,[c]" in written
    assert "Total,Total,97," in written
    assert sum(line.endswith(",[c]") for line in written) == 4
    assert CANARY not in result.output
    assert "proven" in result.output
    assert "[c] marks what is hidden" in result.output


def test_what_is_not_proven_is_not_written(tmp_path: Path) -> None:
    result = run(*files(tmp_path, spec=f"{SPEC}seconds: 0.000001\n"))
    assert result.exit_code == 1
    assert "Nothing was written" in str(result.exception)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["own.csv", "own.yaml"]


def test_a_file_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    words = files(tmp_path)
    result = run(*words, "--out", tmp_path / "own.csv")
    assert result.exit_code == 1
    assert "choose another" in str(result.exception) or "another one" in str(result.exception)
    assert (tmp_path / "own.csv").read_text() == TABLE


@pytest.mark.parametrize(
    "table",
    [
        "",
        TABLE + f"{CANARY},F\n",
        TABLE + f'"{CANARY},F,3\n',
        TABLE + f"{CANARY},X,{CANARY}\n",
        TABLE + f"{CANARY},F,3\n",
        TABLE.replace("gender", CANARY),
        TABLE + f"{CANARY},Total,44\n",
    ],
)
def test_a_file_that_is_wrong_is_refused_in_one_sentence_without_its_values(
    tmp_path: Path, table: str
) -> None:
    result = run(*files(tmp_path, table=table))
    assert result.exit_code == 1
    said = str(result.exception)
    assert type(result.exception).__module__.startswith("safer_streets_assets.")
    assert CANARY not in said + result.output
    assert "44" not in said
    assert not (tmp_path / "own_protected.csv").exists()
