"""LibreOffice, where it is installed, lays the briefing out on two pages and opens five slides."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.briefing.made import files_of
from safer_streets_assets_tests.release.report_tables import frames, tables_of

SOFFICE = shutil.which("soffice")
OPENS = {".docx": "libswlo.so", ".odt": "libswlo.so", ".pptx": "libsdlo.so"}
"""The part of LibreOffice that opens such files: it may lack Writer or Impress."""
PAGE = re.compile(rb"/Type\s*/Page\b")


@pytest.mark.thorough
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize(
    ("name", "pages"), [("briefing.docx", 2), ("briefing.odt", 2), ("slides.pptx", 5)]
)
@pytest.mark.parametrize("everything", [True, False])
def test_libreoffice_shows_as_many_pages_as_there_should_be(
    name: str, pages: int, everything: bool, tmp_path: Path
) -> None:
    program = Path(str(SOFFICE)).resolve().parent
    if not (program / OPENS[Path(name).suffix]).is_file():
        pytest.skip("LibreOffice lacks the part that opens such files")
    given = frames() if everything else {"funnel": builders.funnel()}
    (tmp_path / name).write_bytes(files_of(tables_of(given), invented=True)[name])
    subprocess.run(
        [str(SOFFICE), "--headless", "--convert-to", "pdf", "--outdir", tmp_path, tmp_path / name],
        env={**os.environ, "HOME": str(tmp_path)},
        check=True,
        capture_output=True,
        timeout=300,
    )
    made = (tmp_path / name).with_suffix(".pdf").read_bytes()
    assert len(PAGE.findall(made)) == pages
