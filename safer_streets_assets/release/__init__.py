"""Releases: protected tables as files that are whole or absent, and `published.duckdb`.

What checks, writes and describes a release belongs here, and the attack on what is published. What
is hidden is not decided here: the last gate only refuses what `disclosure` should have hidden.
"""

from safer_streets_assets.release.checksums import verify_release
from safer_streets_assets.release.content import ReleaseContent
from safer_streets_assets.release.errors import ReleaseError, UnsafeReleaseError
from safer_streets_assets.release.publishing import Published, publish_release

__all__ = [
    "Published",
    "ReleaseContent",
    "ReleaseError",
    "UnsafeReleaseError",
    "publish_release",
    "verify_release",
]
