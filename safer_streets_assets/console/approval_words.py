"""How releases stand and who made that so, in words for the unit."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.release.approving import IS
from safer_streets_assets.release.standing import Standing, Standings
from safer_streets_assets.release.steps import (
    APPROVED,
    BUILT,
    REJECTED,
    ROLLED_BACK,
    SUPERSEDED,
    WITHDRAWN,
    Step,
)


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
        "folder (and safer-streets release diff), then safer-streets release approve or reject it."
    )


def approved_in_words(release: Standing) -> str:
    """Who approved a release, and who made it the current one again, without a full stop."""
    again = release.last(ROLLED_BACK)
    if again is None:
        return _approved(release)
    return (
        f"{_approved(release)}; {again.by_user} made it the current one again on "
        f"{again.happened_at:%Y-%m-%d}"
    )


def _approved(release: Standing) -> str:
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
    name = names.get(release.state)
    step = release.last(APPROVED) if name is None else release.last(name)
    steps = [one for one in (step, release.last(ROLLED_BACK) if name is None else None) if one]
    return "; ".join(map(_decided, steps))


def _decided(step: Step) -> str:
    if step.by is None:
        return "nobody: the policy asks for no approval"
    why = "" if step.why is None else f": {step.why}"
    return f"{step.step} by {step.by.name} on {step.happened_at:%Y-%m-%d}{why}"
