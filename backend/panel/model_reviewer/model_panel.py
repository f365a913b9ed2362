"""A panel whose four reviewers ask one model."""

from collections.abc import Callable
from datetime import datetime

from backend.domain.recommendation import ReviewerName
from backend.panel.model_reviewer.ask import Outlet
from backend.panel.model_reviewer.model import Model
from backend.panel.model_reviewer.model_reviewer import ModelReviewer
from backend.panel.model_reviewer.model_validator import ModelValidator
from backend.panel.model_reviewer.receipts import ReceiptKeeper
from backend.panel.outbound.gate import GateRules
from backend.panel.panel import Panel

REVIEWERS = (ReviewerName.OPTIMIZE, ReviewerName.SCHEMA_REVIEW, ReviewerName.COST_REVIEW)


def model_panel(
    model: Model,
    *,
    receipts: ReceiptKeeper,
    clock: Callable[[], datetime],
    marks_key: bytes | None,
    aliases_names: bool = False,
) -> Panel:
    """Nothing leaves without a receipt, and nothing in which the check finds a literal."""
    outlet = Outlet(
        model=model,
        receipts=receipts,
        rules=GateRules(marks_key=marks_key, aliases_names=aliases_names),
        clock=clock,
    )
    return Panel(
        reviewers=[ModelReviewer(name=name, outlet=outlet) for name in REVIEWERS],
        validator=ModelValidator(outlet=outlet),
    )
