"""Who acts, as the operating system knows it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from safer_streets_assets.stores import who
from safer_streets_assets.stores.who import SystemUser, who_acts


@pytest.fixture
def login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the kernel says of the login of this process."""
    place = tmp_path / "loginuid"
    monkeypatch.setattr(who, "_LOGIN", place)
    return place


def test_who_logged_in_acts_whatever_user_the_process_became(login: Path) -> None:
    login.write_text("40001")
    assert who_acts() == SystemUser(40001, "user 40001")


@pytest.mark.parametrize("said", ["4294967295", "", "x", None])
def test_where_no_login_began_the_process_its_own_user_acts(login: Path, said: str | None) -> None:
    if said is not None:
        login.write_text(said)
    assert who_acts().uid == os.getuid()


def test_the_environment_names_nobody(login: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = who_acts()
    for name in ("USER", "LOGNAME", "SUDO_USER", "SUDO_UID"):
        monkeypatch.setenv(name, "40002")
    assert who_acts() == before
