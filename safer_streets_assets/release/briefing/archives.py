"""Archives without the time of day, so that the same content makes the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping


def archive_bytes(members: Mapping[str, bytes], *, stored: str = "") -> bytes:
    """An archive of these members in this order; `stored` names the one that is not packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo(name)  # with the first time that the format knows
            member.compress_type = zipfile.ZIP_STORED if name == stored else zipfile.ZIP_DEFLATED
            member.create_system = 0  # so that every system writes the same
            archive.writestr(member, content)
    return out.getvalue()


def without_times(content: bytes) -> bytes:
    """An archive as it is, without the times of its members."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive_bytes({name: archive.read(name) for name in archive.namelist()})
