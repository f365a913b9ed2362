"""`make audit`: whether a package that is locked has a known vulnerability, by pip-audit.

Names and versions of the packages go to a vulnerability database (OSV, or the one that `--url`
names). Where none answers, that is said aloud and nothing fails; a known vulnerability fails, and
so does a lock that cannot be read.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[1]
LOCKS = ("requirements.txt", "requirements-dev.txt")
# A machine without a network shall not wait: one package is asked for before all are.
PROBE_SECONDS = 20
AUDIT_SECONDS = 300
CONNECTION_SECONDS = 5
SKIPPED = "SKIPPED: dependency audit: no vulnerability database reachable"

_REQUIREMENT = re.compile(r"^[A-Za-z0-9].*?(?:\\\n.*?)*$", re.MULTILINE)
_NO_ANSWER = re.compile(
    r"ConnectionError|ConnectTimeout|ReadTimeout|Timeout|Could not connect|HTTPError|ServiceError"
    r"|JSONDecodeError|SSLError|ProxyError|ChunkedEncodingError"
)


class NoAnswerError(Exception):
    """No vulnerability database answered."""


class AuditFailedError(Exception):
    """pip-audit ended without a report and not for want of an answer."""


def audit(locks: Sequence[Path], url: str | None) -> list[str]:
    """A line for each known vulnerability. Raises NoAnswerError or AuditFailedError."""
    with tempfile.TemporaryDirectory(prefix="workbench-audit-") as folder:
        probe = Path(folder) / "probe.txt"
        probe.write_text(_first_requirement(locks[0]), encoding="utf-8")
        _report_of([probe], url, Path(folder), PROBE_SECONDS)
        return _findings(_report_of(locks, url, Path(folder), AUDIT_SECONDS))


def _first_requirement(lock: Path) -> str:
    found = _REQUIREMENT.search(lock.read_text(encoding="utf-8"))
    if found is None:
        raise AuditFailedError(f"{lock.name} lists nothing.")
    return found.group()


def _report_of(locks: Sequence[Path], url: str | None, folder: Path, seconds: float) -> Any:
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    command = [
        sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes",
        "--vulnerability-service", "osv", "--timeout", str(CONNECTION_SECONDS),
        "--progress-spinner", "off", "--cache-dir", str(folder), "--format", "json",
        "--output", str(report),
    ]  # fmt: skip
    command += [argument for lock in locks for argument in ("--requirement", str(lock))]
    command += ["--osv-url", url] if url else []
    try:
        done = subprocess.run(  # noqa: S603 - our own command, no shell
            command, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NoAnswerError from error
    if report.is_file():
        return json.loads(report.read_text(encoding="utf-8"))
    if _NO_ANSWER.search(done.stderr):
        raise NoAnswerError
    raise AuditFailedError(done.stderr[-2_000:])


def _findings(report: Any) -> list[str]:
    return [
        f"{package['name']} {package['version']}: {found['id']}"
        f", mended in {', '.join(found['fix_versions']) or 'no version yet'}"
        for package in report["dependencies"]
        for found in package.get("vulns", ())
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("locks", nargs="*", type=Path, help="both of the project if none is given")
    parser.add_argument("--url", help="a database that answers as OSV's query does")
    wanted = parser.parse_args()
    locks = wanted.locks or [PROJECT / name for name in LOCKS]
    try:
        findings = audit(locks, wanted.url)
    except NoAnswerError:
        sys.stderr.write(f"{SKIPPED}\n")
        return 0
    except AuditFailedError as error:
        sys.stderr.write(f"The dependency audit failed:\n{error}\n")
        return 1
    for line in findings:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"Dependency audit: {len(findings)} known vulnerabilities.\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
