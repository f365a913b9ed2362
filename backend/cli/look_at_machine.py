"""What `doctor` sees of the machine."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from backend.cli.loopback import PortInUseError, answers, require_free_port
from backend.domain.errors import WorkbenchError
from backend.services.check_setup import Machine, PortState
from backend.settings import Settings


def look_at_machine(settings: Settings) -> Machine:
    """Makes nothing that stays: a data folder that is missing is looked for, not made."""
    folder, serving = settings.storage.folder, settings.serving
    nearest = next(part for part in (folder, *folder.parents) if part.exists())
    history_file = settings.storage.history_file
    return Machine(
        python_version=sys.version_info[:3],
        data_folder=str(folder),
        data_folder_problem=_problem_writing(nearest),
        free_bytes=shutil.disk_usage(nearest).free,
        store_bytes=history_file.stat().st_size if history_file.exists() else None,
        ports={
            "--port": (serving.port, _port(serving.host, serving.port, "/_stcore/health")),
            "--api-port": (serving.api_port, _port(serving.host, serving.api_port, "/healthz")),
        },
    )


def _problem_writing(folder: Path) -> str | None:
    if not folder.is_dir():
        return f"{folder} is not a folder"
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".workbench-"):
            return None
    except OSError as error:
        return f"cannot write in {folder} ({os.strerror(error.errno or 0)})"


def _port(host: str, port: int, health: str) -> PortState:
    try:
        require_free_port(host, port, option="")
    except PortInUseError:
        return PortState.OURS if answers(host, port, health) else PortState.TAKEN
    except WorkbenchError:
        return PortState.TAKEN
    return PortState.FREE
