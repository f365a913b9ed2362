"""The four reviewers worked by rules over what the checks found. No model takes part."""

from backend.panel.panel import Panel
from backend.panel.rules.cost_review import COST_REVIEW
from backend.panel.rules.optimize import OPTIMIZE
from backend.panel.rules.schema_review import SCHEMA_REVIEW
from backend.panel.rules.validate import RulesValidator


def rules_panel() -> Panel:
    return Panel(reviewers=(OPTIMIZE, SCHEMA_REVIEW, COST_REVIEW), validator=RulesValidator())
