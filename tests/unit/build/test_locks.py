"""What is installed is what was locked: every package with its hashes, from no named place."""

import re
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
LOCKS = ["requirements.txt", "requirements-dev.txt"]
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
PINNED = re.compile(r"(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[^\s;\\]+)")


def entries(lock: str) -> list[str]:
    """Each requirement with its hashes, in one line."""
    text = (PROJECT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip()]


def locked(lock: str) -> dict[str, str]:
    found = [PINNED.match(entry) for entry in entries(lock)]
    return {match["name"]: match["version"] for match in found if match}


def name_of(requirement: str) -> str:
    bare = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", bare).lower()


@pytest.mark.parametrize("lock", LOCKS)
def test_each_package_is_pinned_with_hashes_and_nothing_else(lock: str):
    for entry in entries(lock):
        requirement, *hashes = entry.split(" --hash=")
        assert PINNED.match(requirement), entry
        assert hashes, entry
        assert all(HASH.fullmatch(f"--hash={digest.strip()}") for digest in hashes), entry


@pytest.mark.parametrize("lock", LOCKS)
def test_no_place_to_install_from_is_named(lock: str):
    text = (PROJECT / lock).read_text(encoding="utf-8")

    assert not re.search(r"://|--(?:extra-)?index|--find-links|--trusted-host| @ |git\+", text)
    # A host's name needs a letter after a dot; versions have digits there, but for 1.post1.
    assert re.findall(r"[a-z0-9-]+\.(?:com|org|net|io|dev|local|internal)\b", text) == []


def test_each_direct_dependency_is_locked():
    needed = {name_of(each) for each in PYPROJECT["project"]["dependencies"]}
    for_development = {name_of(each) for each in PYPROJECT["dependency-groups"]["dev"]}

    assert needed <= set(locked("requirements.txt"))
    assert needed | for_development <= set(locked("requirements-dev.txt"))


def test_both_locks_agree():
    runtime, development = locked("requirements.txt"), locked("requirements-dev.txt")

    assert {name: development.get(name) for name in runtime} == runtime


def test_what_is_pinned_in_pyproject_is_what_is_locked():
    wanted = [*PYPROJECT["project"]["dependencies"], *PYPROJECT["dependency-groups"]["dev"]]
    pinned = [each.split("==") for each in wanted if "==" in each]

    versions = locked("requirements-dev.txt")
    assert {name: versions[name_of(name)] for name, _ in pinned} == dict(pinned)
