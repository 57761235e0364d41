"""At which session people leave the programme."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from safer_streets_assets.reoffending.survival import NO_EVENT, kaplan_meier

DROPOUT_COLUMNS: Mapping[str, str] = {
    "session": "BIGINT",
    "n_at_risk": "BIGINT",
    "n_left": "BIGINT",
    "n_going_on": "BIGINT",
    "hazard": "DOUBLE",
    "survival": "DOUBLE",
    "ci_low": "DOUBLE",
    "ci_high": "DOUBLE",
    "reason": "VARCHAR",
}


def dropout_by_session(ends: pd.DataFrame, sessions: int) -> pd.DataFrame:
    """One row a session from the first; the columns are DROPOUT_COLUMNS.

    `ends` has one row a person who started: `session`, the one that they were last at, and
    `result`: left, goes on, or completed. At risk at a session are those who came through the
    sessions before it; `hazard` is the share of them who left at it. `survival` is the product of
    1 - hazard so far (Kaplan and Meier 1958), people who go on being censored at their session,
    after those who left at it; its interval is Greenwood's on the log(-log) scale. `reason` says
    why the interval is missing.
    """
    curve = kaplan_meier(ends["session"].to_numpy(float), (ends["result"] == "left").to_numpy(bool))
    curve = curve.set_index(curve["time"].astype("int64"))
    rows = []
    survival: dict[str, object] = {"survival": 1.0, "reason": NO_EVENT}
    kept = ["survival", "ci_low", "ci_high", "reason"]
    for session in range(1, sessions + 1):
        own = ends[ends["session"] == session]
        at_risk, left = (
            int((ends["session"] >= session).sum()),
            int((own["result"] == "left").sum()),
        )
        if session in curve.index:
            survival = {name: curve.loc[session, name] for name in kept}
        row: dict[str, object] = {
            "session": session,
            "n_at_risk": at_risk,
            "n_left": left,
            "n_going_on": int((own["result"] == "goes on").sum()),
            "hazard": left / at_risk if at_risk else None,
        }
        rows.append(row | (survival if at_risk else {"reason": "nobody is at risk"}))
    return pd.DataFrame(rows, columns=[*DROPOUT_COLUMNS])
