"""The DPIA as data: what may be held, for how long, and what may be published.

What the DPIA decides, and how a mistake in it is refused, belongs here. What carries a decision out
does not: everything else asks the policy and never repeats it.
"""

from safer_streets_assets.policy.dimensions import DimensionSpec
from safer_streets_assets.policy.dpia import Dpia, Gate
from safer_streets_assets.policy.links import PolicyLink
from safer_streets_assets.policy.loading import load_policy
from safer_streets_assets.policy.questionnaire import Questionnaire
from safer_streets_assets.policy.retention import RetentionRule
from safer_streets_assets.policy.sources import AgreedField, Source
from safer_streets_assets.policy.tables import PublishedSpec, Tables
from safer_streets_assets.policy.whole import Policy, PolicyError

__all__ = [
    "AgreedField",
    "DimensionSpec",
    "Dpia",
    "Gate",
    "Policy",
    "PolicyError",
    "PolicyLink",
    "PublishedSpec",
    "Questionnaire",
    "RetentionRule",
    "Source",
    "Tables",
    "load_policy",
]
