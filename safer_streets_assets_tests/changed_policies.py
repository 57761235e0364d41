"""The shipped policy with something changed, as a person would change it: in its files."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.policy.loading import FILES, SQL

Files = dict[str, Any]
"""The files of the policy as plain data, by their names without ending: dpia, tables ... What is
put under sql is a query more, by the name of its file."""
Change = Callable[[Files], None]


def changed_policy(folder: Path, *changes: Change) -> Policy:
    """The shipped policy after some changes to its files, which are put into a new folder."""
    shipped = Path(str(resources.files("safer_streets_assets.policy")))
    files = {
        name.removesuffix(".yaml"): yaml.safe_load((shipped / name).read_text()) for name in FILES
    }
    queries: dict[str, str] = {}
    files["sql"] = queries
    for change in changes:
        change(files)
    del files["sql"]
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
        (folder / f"{name}.yaml").write_text(text)
    shutil.copytree(shipped / SQL, folder / SQL, dirs_exist_ok=True)
    for name, text in queries.items():
        (folder / SQL / f"{name}.sql").write_text(text)
    for path in shipped.glob("*.yaml"):
        if path.name not in FILES:
            shutil.copy(path, folder)
    return load_policy(folder)


def field_of(files: Files, source: str, name: str) -> dict[str, Any]:
    """An agreed field of a source."""
    fields = files["dpia"]["sources"][source]["fields"]
    return next(field for field in fields if field["name"] == name)


def without_field(source: str, name: str) -> Change:
    """Takes a field out of a source."""

    def change(files: Files) -> None:
        files["dpia"]["sources"][source]["fields"].remove(field_of(files, source, name))

    return change


def agreed_anew(
    source: str, name: str, header: str, *, required: bool = False, like: str = "plain"
) -> Change:
    """Agrees to a field of text that was not there, of the class `like`."""

    def change(files: Files) -> None:
        field = {
            "name": name,
            "headers": [header],
            "required": required,
            "class": like,
            "kind": "text",
            "purpose": "Tried out",
        }
        files["dpia"]["sources"][source]["fields"].append(field)

    return change


def not_agreed(source: str) -> Change:
    """Ends the agreement on a source."""

    def change(files: Files) -> None:
        files["dpia"]["sources"][source]["agreement"] = "not agreed"

    return change
