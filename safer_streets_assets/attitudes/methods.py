"""How each statistic of a set of pairs is computed, in words that can be published."""

from __future__ import annotations

from collections.abc import Mapping

from safer_streets_assets.attitudes.effects import D_AV_RMS_METHOD, G_AV_METHOD
from safer_streets_assets.attitudes.intervals import (
    EQUIVALENCE_METHOD,
    HODGES_LEHMANN_METHOD,
    RANK_BISERIAL_METHOD,
    SMCR_METHOD,
)

_MEAN_CHANGE_CI = "t interval, n - 1 degrees of freedom"
_D_Z_CI = "noncentral t (Steiger and Fouladi 1997)"
METHODS: Mapping[str, str] = {
    "mean_start": "mean of the pairs at the first wave",
    "mean_end": "mean of the pairs at the second wave",
    "sd_start": "standard deviation (n - 1) of the pairs at the first wave",
    "sd_end": "standard deviation (n - 1) of the pairs at the second wave",
    "r": "Pearson correlation of both waves",
    "mean_change": "mean of second less first",
    "sd_change": "standard deviation (n - 1) of the change",
    "ci_low": _MEAN_CHANGE_CI,
    "ci_high": _MEAN_CHANGE_CI,
    "t": "paired t",
    "df": "n - 1",
    "p": "paired t, two-sided",
    "wilcoxon_w": "the smaller of both rank sums, zeros dropped (Wilcoxon 1945)",
    "wilcoxon_p": "two-sided, by the method named in wilcoxon_method",
    "wilcoxon_method": "exact up to 50 changes other than zero, else normal",
    "rank_biserial": "(W+ - W-) / (W+ + W-) (Kerby 2014)",
    "rank_biserial_low": RANK_BISERIAL_METHOD,
    "rank_biserial_high": RANK_BISERIAL_METHOD,
    "hodges_lehmann": "median of the means of all pairs of changes (Hodges and Lehmann 1963)",
    "hodges_lehmann_low": HODGES_LEHMANN_METHOD,
    "hodges_lehmann_high": HODGES_LEHMANN_METHOD,
    "d_z": "mean change over its SD",
    "d_z_low": _D_Z_CI,
    "d_z_high": _D_Z_CI,
    "d_av": "mean change over the mean of both SDs (Lakens 2013)",
    "g_av": "d_av with Hedges' exact small-sample correction J(n - 1)",
    "g_av_low": G_AV_METHOD,
    "g_av_high": G_AV_METHOD,
    "smcr": "mean change over the SD at the first wave, with Hedges' exact correction J(n - 1)",
    "smcr_low": SMCR_METHOD,
    "smcr_high": SMCR_METHOD,
    "r_start_change": "Pearson correlation of the first wave and the change",
    "r_oldham": "Pearson correlation of the mean of both waves and the change (Oldham 1962)",
    "equivalence_p": EQUIVALENCE_METHOD,
    "minimum_detectable_d_z": "80 % power, two-sided 5 %, noncentral t",
    "d_av_rms": "mean change over the root mean square of both SDs",
    "d_av_rms_low": D_AV_RMS_METHOD,
    "d_av_rms_high": D_AV_RMS_METHOD,
}
"""How each statistic is computed, in words that can be published."""
