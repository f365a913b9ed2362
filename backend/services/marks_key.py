"""The key of the literal marks: marks made with another key would find nothing, and say so never."""

import hashlib

from backend.services.ports import HistoryStore

MARKS_KEY_NOTE = "marks_key"
KEY_BYTES = 32


def remember_marks_key(store: HistoryStore, key: bytes) -> None:
    """Forgets what was made with another key: without marks nothing may be sent, and the next
    import makes them anew."""
    identity = key_identity(key)
    known = store.note(MARKS_KEY_NOTE)
    if known == identity:
        return
    if known is not None:
        store.forget_model_forms()
    store.set_note(MARKS_KEY_NOTE, identity)


def key_identity(key: bytes) -> str:
    """Tells keys apart and gives nothing away of them."""
    return hashlib.blake2b(b"identity", key=key, digest_size=8).hexdigest()
