"""SQL that analysts review lives in `.sql` files beside the module that runs it."""

from __future__ import annotations

from importlib import resources


def read_sql(package: str, name: str) -> str:
    """The text of `sql/<name>.sql` of a sub-package, such as `cohort`."""
    base = resources.files(f"safer_streets_assets.{package}")
    return (base / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def quoted_name(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quoted_text(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
