"""Attitude scores and change scores: pure functions on data frames, for a notebook too.

Whatever is computed of answers to the survey belongs here. What may be printed of it does not: that
is for `disclosure`. The stage gate is enforced by whoever calls these functions (`tables` does for
the pipeline); no other module here decides whether one is open.

From responses to results: `Instrument.from_mapping` (the questionnaire), `choose_responses`,
`score_responses`, `alpha_table`; then, behind the gate, `change_summary`, `individual_changes`,
`movement_counts`, `reliable_change`, `thresholds_of`, `clinical_change`, `wave_model`,
`attrition_table` and `start_and_change_correlation`. The functions below those take plain numbers.
"""

from __future__ import annotations

from safer_streets_assets.attitudes.attrition import AttritionTable, attrition_table
from safer_streets_assets.attitudes.change import (
    ChangeSummary,
    change_summary,
    individual_changes,
)
from safer_streets_assets.attitudes.clinical import (
    ClinicalChange,
    CutOffs,
    clinical_change,
    cut_offs,
)
from safer_streets_assets.attitudes.effects import (
    minimum_detectable_d_z,
    noncentrality_limits,
    paired_t_power,
    small_sample_factor,
)
from safer_streets_assets.attitudes.errors import AttitudesError, QuestionnaireError
from safer_streets_assets.attitudes.gate import GateStatus, gate_status, pairs_on_primary_scales
from safer_streets_assets.attitudes.grouping import Grouping
from safer_streets_assets.attitudes.instrument import Instrument, Item, MissingCodes, Norm, Scale
from safer_streets_assets.attitudes.methods import METHODS
from safer_streets_assets.attitudes.mixed import (
    RandomInterceptFit,
    fit_random_intercept,
    wave_model,
)
from safer_streets_assets.attitudes.movement import MOVEMENTS, movement_counts
from safer_streets_assets.attitudes.multiplicity import benjamini_hochberg, holm
from safer_streets_assets.attitudes.paired import PairedStatistics, paired_statistics
from safer_streets_assets.attitudes.pairs import (
    COMPARISONS,
    MIDDLE_END,
    START_END,
    START_MIDDLE,
    Comparison,
    ScoreCube,
    analysis_cube,
    change_of,
    reading_of,
)
from safer_streets_assets.attitudes.ranks import SignedRanks, signed_ranks
from safer_streets_assets.attitudes.regression_to_mean import start_and_change_correlation
from safer_streets_assets.attitudes.reliability import Alpha, alpha_table, cronbach_alpha
from safer_streets_assets.attitudes.reliable import (
    ReliableChange,
    reliable_change,
    standard_error_of_difference,
    thresholds_of,
)
from safer_streets_assets.attitudes.scoring import (
    choose_responses,
    keyed_items,
    score_responses,
)

__all__ = [
    "COMPARISONS",
    "METHODS",
    "MIDDLE_END",
    "MOVEMENTS",
    "START_END",
    "START_MIDDLE",
    "Alpha",
    "AttitudesError",
    "AttritionTable",
    "ChangeSummary",
    "ClinicalChange",
    "Comparison",
    "CutOffs",
    "GateStatus",
    "Grouping",
    "Instrument",
    "Item",
    "MissingCodes",
    "Norm",
    "PairedStatistics",
    "QuestionnaireError",
    "RandomInterceptFit",
    "ReliableChange",
    "Scale",
    "ScoreCube",
    "SignedRanks",
    "alpha_table",
    "analysis_cube",
    "attrition_table",
    "benjamini_hochberg",
    "change_of",
    "change_summary",
    "choose_responses",
    "clinical_change",
    "cronbach_alpha",
    "cut_offs",
    "fit_random_intercept",
    "gate_status",
    "holm",
    "individual_changes",
    "keyed_items",
    "minimum_detectable_d_z",
    "movement_counts",
    "noncentrality_limits",
    "paired_statistics",
    "paired_t_power",
    "pairs_on_primary_scales",
    "reading_of",
    "reliable_change",
    "score_responses",
    "signed_ranks",
    "small_sample_factor",
    "standard_error_of_difference",
    "start_and_change_correlation",
    "thresholds_of",
    "wave_model",
]
