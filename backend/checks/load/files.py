"""Which files COPY can split, as its text says it."""

import re

from backend.domain.case_file import CaseFile
from backend.domain.loads import Load

COMPRESSIONS = ("gzip", "lzop", "zstd", "bzip2")
_COMPRESSION = re.compile(rf"\b({'|'.join(COMPRESSIONS)})\b", re.IGNORECASE)
_COLUMNAR = re.compile(r"\b(?:parquet|orc)\b", re.IGNORECASE)
_ROW_FORMAT = re.compile(r"\b(?:json|avro|shapefile)\b", re.IGNORECASE)
BYTES_A_MB = 1e6


def compression_of(case: CaseFile) -> str | None:
    """The keyword of the COPY statement; None where its files are not compressed as a whole."""
    found = _COMPRESSION.search(case.scrubbed_sql or "")
    return found[1].upper() if found else None


def is_columnar_load(case: CaseFile, load: Load) -> bool:
    said = f"{load.file_format} {case.scrubbed_sql or ''}"
    return _COLUMNAR.search(said) is not None


def can_be_split(case: CaseFile, load: Load) -> bool:
    """Redshift splits uncompressed text, text under BZIP2, Parquet and ORC by itself from 128 MB
    a file on (c_best-practices-use-multiple-files); JSON, Avro and other compressions never."""
    if is_columnar_load(case, load):
        return True
    compression = compression_of(case)
    if compression not in {None, "BZIP2"}:
        return False
    return _ROW_FORMAT.search(f"{load.file_format} {case.scrubbed_sql or ''}") is None
