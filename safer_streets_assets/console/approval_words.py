"""How releases stand and who made that so, in words for the unit."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.release.approving import IS
from safer_streets_assets.release.standing import Standing, Standings
from safer_streets_assets.release.steps import APPROVED, BUILT, REJECTED, SUPERSEDED, WITHDRAWN


def approval_in_words(standings: Standings) -> Iterator[str]:
    """Who approved the current release, and what a candidate waits for, or what became of the
    newest release where that is not the current one."""
    current, newest = standings.current, standings.newest
    if current is not None:
        yield f"{approved_in_words(current)}."
    if newest is None or newest == current:
        return
    if newest.state != "candidate":
        yield f"{newest.release_id} {IS[newest.state]}, so a run that says the same makes no other."
        return
    by = newest.built_by
    name = "somebody" if by is None else by.name
    yield (
        f"{newest.release_id} waits for somebody who is not {name}, who built it: read it in its "
        "folder, then safer-streets release approve or release reject."
    )


def approved_in_words(release: Standing) -> str:
    """Who approved a release, without a full stop."""
    step = release.last(APPROVED)
    if step is None:
        return (
            f"{release.release_id} is from before approvals were kept, so nobody approved it here"
        )
    if step.by is None:
        return f"nobody approved {release.release_id}, because the policy asks for no approval"
    return f"{release.release_id} was approved by {step.by.name} on {step.happened_at:%Y-%m-%d}"


def decided_in_words(release: Standing) -> str:
    """The step that made a release stand as it does: by whom, when, and why."""
    names = {
        "rejected": REJECTED,
        "superseded": SUPERSEDED,
        "withdrawn": WITHDRAWN,
        "candidate": BUILT,
    }
    name = names.get(release.state, APPROVED)
    step = release.last(name)
    if step is None:
        return ""
    if name == APPROVED and step.by is None:
        return "nobody: the policy asks for no approval"
    by = "" if step.by is None else f" by {step.by.name}"
    why = "" if step.why is None else f": {step.why}"
    return f"{name}{by} on {step.happened_at:%Y-%m-%d}{why}"
