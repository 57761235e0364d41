"""The typed model of `places.yaml`: the boroughs and courts that tables may print."""

from __future__ import annotations

from pydantic import Field

from safer_streets_assets.policy.base import PolicyModel, SnakeName
from safer_streets_assets.policy.vocabulary import WordList


class PlaceLists(PolicyModel):
    """The whole of `places.yaml`: lists of words that are places, by name.

    A text that is on none of its spellings is warned of, which it is not with other lists.
    """

    lists: dict[SnakeName, WordList] = Field(min_length=1)
