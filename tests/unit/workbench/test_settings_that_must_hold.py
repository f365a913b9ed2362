"""However and wherever the pages are started: no export of tables past ours, no details of errors."""

import json
import os
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from streamlit import config

from backend.cli.commands.run import PAGES_OPTIONS, server_commands
from backend.settings import read_settings
from workbench import serving

REPOSITORY = Path(__file__).parents[3]
OTHERWISE = """
[client]
disableDataExport = false
showErrorDetails = "full"
[logger]
enableRich = true
[server]
enableAgentApi = true
"""
TALKATIVE = {
    "STREAMLIT_CLIENT_DISABLE_DATA_EXPORT": "false",
    "STREAMLIT_CLIENT_SHOW_ERROR_DETAILS": "full",
    "STREAMLIT_LOGGER_ENABLE_RICH": "true",
    "STREAMLIT_SERVER_ENABLE_AGENT_API": "true",
}
TELL = """
import json, sys
from streamlit import config
from streamlit.web import bootstrap
config._main_script_path = sys.argv[1]
bootstrap.load_config_options({})
exec(sys.argv[2])
print(json.dumps({name: config.get_option(name) for name in sys.argv[3:]}))
"""
AS_WANTED = {
    "client.disableDataExport": True,
    "client.showErrorDetails": "none",
    "logger.enableRich": False,
    "runner.magicEnabled": False,
    "server.enableAgentApi": False,
}


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder whose own configuration says otherwise."""
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text(OTHERWISE)
    return tmp_path


def options_told(folder: Path, extra: dict[str, str], then: str, *names: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", TELL, str(REPOSITORY / "workbench/app.py"), then, *names],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **extra},  # noqa: TID251
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_the_file_beside_the_pages_beats_that_of_the_folder(elsewhere: Path):
    names = [name for name in AS_WANTED if name != "server.enableAgentApi"]

    told = options_told(elsewhere, {}, "", *names, "theme.baseFontSize")

    assert told == {name: AS_WANTED[name] for name in names} | {"theme.baseFontSize": 14}


def test_the_pages_insist_whatever_the_environment_says(elsewhere: Path):
    loose = options_told(elsewhere, TALKATIVE, "", *AS_WANTED)

    told = options_told(elsewhere, TALKATIVE, "import workbench.app", *AS_WANTED)

    assert told == AS_WANTED
    # So this test can fail.
    assert loose["server.enableAgentApi"] is True


def test_the_command_gives_them_as_options_which_streamlit_knows(tmp_path: Path):
    command = server_commands(read_settings(tmp_path))["workbench"]

    given = dict(pairwise(command))
    for name, value in PAGES_OPTIONS.items():
        assert given[f"--{name}"] == value
        assert config.get_option(name) is not None
    assert given["--client.showErrorDetails"] == "none"
    assert given["--client.disableDataExport"] == "true"


def test_the_settings_insisted_on_are_those_of_the_command_and_the_file():
    file = tomllib.loads((REPOSITORY / ".streamlit/config.toml").read_text())
    for name, value in serving.INSISTED_ON.items():
        section, _, option = name.partition(".")
        assert value == file.get(section, {}).get(option, value)
        assert PAGES_OPTIONS.get(name, str(value).lower()) == str(value).lower()
