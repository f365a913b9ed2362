"""Whether an address is free, and whether something answers there."""

import errno
import socket
from http.client import HTTPConnection, HTTPException

from backend.domain.errors import UnusableInputError, WorkbenchError

LISTENS_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - names them
LOOPBACK = {"127.0.0.1", "localhost", "::1", *LISTENS_EVERYWHERE}
ANSWER_WITHIN_SECONDS = 2.0


class PortInUseError(WorkbenchError):
    """Something else listens on this port."""


def require_free_port(host: str, port: int, *, option: str) -> None:
    """Raises PortInUseError, or UnusableInputError where nobody could listen; both name the
    option to use instead."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            # As the servers do: a connection that has just ended must not look like a listener.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except socket.gaierror as error:
        raise UnusableInputError(
            f"There is no address {host} to listen on; choose another with --host."
        ) from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUseError(
                f"Port {port} on {host} is in use; choose another with {option}, "
                "or stop what listens there."
            ) from error
        raise UnusableInputError(
            f"Cannot listen on port {port} of {host} ({error.strerror}); "
            f"choose others with {option} and --host."
        ) from error


def answers(host: str, port: int, path: str) -> bool:
    """Whether a GET there is answered with 200. Asks directly, whatever proxy is set."""
    connection = HTTPConnection(
        LISTENS_EVERYWHERE.get(host, host), port, timeout=ANSWER_WITHIN_SECONDS
    )
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def address(host: str, port: int) -> str:
    """The address that a person opens."""
    name = "localhost" if host in LOOPBACK else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"
