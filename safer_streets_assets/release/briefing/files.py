"""The files of the briefing of a release."""

from __future__ import annotations

from collections.abc import Sequence

from safer_streets_assets.policy import Policy
from safer_streets_assets.release.briefing.contents import release_briefing
from safer_streets_assets.release.briefing.names import DOCX, ODT, SLIDES
from safer_streets_assets.release.briefing.odt import odt_bytes
from safer_streets_assets.release.content import ReleaseTable
from safer_streets_assets.release.database import Identity
from safer_streets_assets.release.report.blocks import Graphic


def briefing_files(
    policy: Policy,
    identity: Identity,
    tables: Sequence[ReleaseTable],
    pictures: Sequence[Graphic],
) -> dict[str, bytes]:
    """Path in the release to content; `pictures` are those of the report of its printed tables.

    The same tables and identity make the same bytes.
    """
    # Their libraries would slow down everything that makes no release.
    from safer_streets_assets.release.briefing.docx import docx_bytes
    from safer_streets_assets.release.briefing.slides import slides_bytes

    briefing = release_briefing(policy, identity, tables, pictures)
    return {
        DOCX: docx_bytes(briefing),
        ODT: odt_bytes(briefing),
        SLIDES: slides_bytes(briefing),
    }
