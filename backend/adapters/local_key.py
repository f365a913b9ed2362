"""A random key in a file that only its owner can read."""

import os
import secrets
import tempfile
from pathlib import Path

from backend.domain.errors import StoreUnavailableError


def read_or_make_key(file: Path, size: int) -> bytes:
    """Made once, whoever comes first. Raises StoreUnavailableError with what to do."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            _make(file, size)
        key = file.read_bytes()
    except OSError as error:
        raise StoreUnavailableError(
            f"{file} cannot be used ({error.strerror}). Choose another data directory."
        ) from error
    if len(key) != size:
        raise StoreUnavailableError(
            f"{file} is no key of this program. Delete it: a new one is made, and the next import"
            " makes anew what needs it."
        )
    return key


def _make(file: Path, size: int) -> None:
    """Whole or not at all: a link fails where another process was faster."""
    with tempfile.NamedTemporaryFile(dir=file.parent) as draft:
        os.fchmod(draft.fileno(), 0o600)
        draft.write(secrets.token_bytes(size))
        draft.flush()
        try:
            file.hardlink_to(draft.name)
        except FileExistsError:
            return
