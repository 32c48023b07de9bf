"""Every function that signs works in a file, whatever its size; this makes its two forms out of it.

Owns that a refusal leaves the file as it was. Refuses to know what is appended.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Concatenate, ParamSpec

from vanthu.pades.away import Awaiting

P = ParamSpec("P")
_InPlace = Callable[Concatenate[BinaryIO, P], None]


def of_bytes(make: _InPlace[P]) -> Callable[Concatenate[bytes, P], bytes]:
    """The signed file as new bytes, for files that fit in memory."""

    def made(pdf: bytes, /, *args: P.args, **named: P.kwargs) -> bytes:
        stream = io.BytesIO(pdf)
        make(stream, *args, **named)
        return stream.getvalue()

    functools.update_wrapper(made, make)
    return made


def of_file(make: _InPlace[P]) -> Callable[Concatenate[Path, P], None]:
    """In the file itself, whatever its size: ``path`` is the caller's own copy. What is refused leaves it as it was."""

    def made(path: Path, /, *args: P.args, **named: P.kwargs) -> None:
        with path.open("r+b") as stream, _appended_or_not(stream):
            make(stream, *args, **named)

    functools.update_wrapper(made, make)
    return made


@contextmanager
def _appended_or_not(stream: BinaryIO) -> Iterator[None]:
    """Take away again what was appended when anything is refused. What waits for a key elsewhere stays."""
    before = stream.seek(0, io.SEEK_END)
    try:
        yield
    except Awaiting:
        raise
    except BaseException:
        stream.truncate(before)
        raise
