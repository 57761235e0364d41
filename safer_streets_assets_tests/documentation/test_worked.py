"""Pages with worked examples: what they print is what their code prints now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from safer_streets_assets.documentation.documents import WORKED
from safer_streets_assets.documentation.worked import with_output

PROJECT = Path(__file__).resolve().parents[2]
SIMPLE = "Text.\n\n```python\nx = 1\nprint(x)\n```\n\n```text\n2\n```\n\nMore.\n\n"
SIMPLE += "```python\nx += 1\n```\n\n```python\nprint(x)\n```\n"


@pytest.mark.parametrize("name", WORKED)
def test_every_block_of_the_page_gives_the_output_below_it(name: str) -> None:
    page = (PROJECT / name).read_text(encoding="utf-8")
    assert with_output(page) == page
    assert len(re.findall(r"^```python$", page, re.M)) == len(re.findall(r"^```text$", page, re.M))


def test_old_output_is_replaced_and_blocks_share_their_names() -> None:
    page = with_output(SIMPLE)
    assert re.findall(r"```text\n(.*?)```", page, re.DOTALL) == ["1\n", "2\n"]
    assert page.startswith("Text.\n\n```python\nx = 1\nprint(x)\n```\n\n```text\n1\n```\n\nMore.")
    assert with_output(page) == page


def test_a_page_whose_code_does_not_work_is_not_written() -> None:
    with pytest.raises(ZeroDivisionError):
        with_output("```python\n1 / 0\n```\n")
