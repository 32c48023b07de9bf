"""What a file might do to the process that reads it."""

from __future__ import annotations

import ctypes
import os
import socket
import time
from pathlib import Path
from typing import Any, BinaryIO

from vanthu.pades.confined import Ask


def length(stream: BinaryIO, argument: Any, ask: Ask) -> list[Any]:
    """Nothing bad: the file's length, the argument and an answer from outside."""
    return [len(stream.read()), argument, ask(["bao nhiêu", b"\x00\xff"])]


def greedy(stream: BinaryIO, argument: Any, ask: Ask) -> int:
    """All the memory there is."""
    return len(b"x" * (1 << 40))


def endless(stream: BinaryIO, argument: Any, ask: Ask) -> None:
    """Works and works."""
    while True:
        pass


def asleep(stream: BinaryIO, argument: Any, ask: Ask) -> None:
    """Waits for ever."""
    time.sleep(3600)


def crash(stream: BinaryIO, argument: Any, ask: Ask) -> None:
    """What a fault in a library written in C does."""
    ctypes.string_at(0)


def curious(stream: BinaryIO, argument: str, ask: Ask) -> list[bool]:
    """(writes a file, sees a secret of the product)."""
    try:
        Path(argument).write_bytes(b"x")
        wrote = Path(argument).stat().st_size > 0
    except OSError:
        wrote = False
    return [wrote, "VANTHU_SECRET" in os.environ]


def nosy(stream: BinaryIO, argument: Any, ask: Ask) -> None:
    """Asks for ever."""
    while True:
        ask([socket.gethostname()])


def faulty(stream: BinaryIO, argument: Any, ask: Ask) -> None:
    """A mistake in the judge."""
    raise ZeroDivisionError("lỗi của bộ kiểm tra")
