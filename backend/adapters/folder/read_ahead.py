"""The next block is read while the last one is worked on: unpacking and parsing leave Python free
for other threads."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from backend.domain.errors import BadExportError
from backend.services.view_export import OnProblem

Block = TypeVar("Block")


def read_ahead(
    blocks_of: Callable[[OnProblem], Iterator[Block]], on_problem: OnProblem
) -> Iterator[Block]:
    """The blocks in their order. Problems are told, and errors raised, in the caller's thread, in
    front of the block in which they were found."""
    found: list[BadExportError] = []
    blocks = blocks_of(found.append)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="export-reader") as reader:
        coming = reader.submit(next, blocks, None)
        while True:
            try:
                block = coming.result()
            finally:
                # Only between two readings: nobody else writes to the list now.
                problems, found[:] = tuple(found), ()
                for problem in problems:
                    on_problem(problem)
            if block is None:
                return
            coming = reader.submit(next, blocks, None)
            yield block
