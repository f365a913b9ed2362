import socket
from collections.abc import Iterator

import pytest

from backend.cli.loopback import PortInUseError, address, answers, require_free_port
from backend.domain.errors import UnusableInputError


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_in_use_names_the_option_that_helps(busy_port: int):
    with pytest.raises(PortInUseError, match=f"Port {busy_port} .* choose another with --api-port"):
        require_free_port("127.0.0.1", busy_port, option="--api-port")


def test_an_address_that_is_not_of_this_machine_names_host():
    with pytest.raises(UnusableInputError, match="--host"):
        require_free_port("203.0.113.1", 8501, option="--port")


def test_nothing_answers_on_a_port_without_a_server():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert not answers("127.0.0.1", port, "/healthz")


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "http://localhost:8501"),
        ("0.0.0.0", "http://localhost:8501"),  # noqa: S104
        ("workbench.example", "http://workbench.example:8501"),
        ("fe80::1", "http://[fe80::1]:8501"),
    ],
)
def test_the_address_is_what_a_person_opens(host: str, shown: str):
    assert address(host, 8501) == shown
