"""Reviewers worked by a model: what it is asked, what may leave, and what of its answer stands."""

from backend.panel.model_reviewer.model_panel import model_panel

__all__ = ["model_panel"]
