"""What a route may ask for."""

from typing import Annotated

from fastapi import Depends, Request

from backend.services.ports import HistoryStore
from backend.wiring import Workbench


def _workbench(request: Request) -> Workbench:
    workbench: Workbench = request.app.state.workbench
    return workbench


def _store(request: Request) -> HistoryStore:
    return _workbench(request).store


OpenWorkbench = Annotated[Workbench, Depends(_workbench)]
Store = Annotated[HistoryStore, Depends(_store)]
