"""Runs one judgement on a hostile file in a process of its own, with limits that the kernel enforces.

Owns the limits (memory, processor time, elapsed time) and the way to a fresh process: one helper per process of the
product is started once, knows the library, holds no secret and no connection, and forks for each file. What a file
does to the process that reads it ends with that process: it can neither slow down nor stop the product, write a file,
or reach the network. Questions that need the network go back to the caller, who may answer them from memory. Refuses
to know what is judged: the caller names a function of this product.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import io
import json
import os
import pickle
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from vanthu.errors import VanthuError

MEGABYTE = 1 << 20
LARGEST_ANSWER = 200 * MEGABYTE

Ask = Callable[[Any], Any]
"""How a confined function asks its caller for something."""

_SIZE = struct.Struct("!Q")
_MOST_QUESTIONS = 200
_GRACE = 5.0
"""Seconds that the kernel is given to end a process after its time is over."""


@dataclass(frozen=True)
class Budget:
    """What one judgement may use: ``memory`` in bytes beyond the program and the file itself, ``cpu`` and ``elapsed``
    in seconds. Waiting for the caller's answers counts for none of them."""

    memory: int = 512 * MEGABYTE
    cpu: int = 30
    elapsed: float = 60.0


class OverBudget(VanthuError):
    """The judgement was ended: out of memory or time, or its process died of the file."""

    code = "CHECK_OVER_BUDGET"
    message = "Việc kiểm tra tệp bị dừng vì vượt giới hạn thời gian hoặc bộ nhớ. Hãy thử lại sau."


def run_confined(
    function: str,
    file: Path | bytes | BinaryIO,
    argument: Any,
    *,
    budget: Budget = Budget(),
    answer: Ask | None = None,
) -> Any:
    """What ``function`` (``package.module:name`` of this product) returns, as JSON gives it back.

    It is called in a fresh process as ``function(stream, argument, ask)``: the file opened for reading, the picklable
    ``argument``, and a way to ask the caller, whose ``answer`` is called here. What is no file is handed over in
    memory.
    Raises OverBudget; FileNotFoundError; RuntimeError when the function failed with an error that it should have
    turned into a verdict.
    """
    with _as_file(file) as number, _keeper.helper().begin(number, (function, argument, budget)) as line:
        return _converse(line, budget, answer)


@contextlib.contextmanager
def _as_file(file: Path | bytes | BinaryIO) -> Iterator[int]:
    """A descriptor of the content: of the file itself, or of a nameless one in memory."""
    if isinstance(file, Path):
        with file.open("rb") as opened:
            yield opened.fileno()
        return
    try:
        number = -1 if isinstance(file, bytes) else file.fileno()
    except (AttributeError, io.UnsupportedOperation):
        number = -1
    if number >= 0:
        yield number
        return
    with os.fdopen(os.memfd_create("file"), "w+b") as held:
        shutil.copyfileobj(io.BytesIO(file) if isinstance(file, bytes) else file, held)
        held.flush()
        yield held.fileno()


def _converse(line: socket.socket, budget: Budget, answer: Ask | None) -> Any:
    line.settimeout(budget.elapsed + _GRACE)
    try:
        for _ in range(_MOST_QUESTIONS):
            kind, content = json.loads(_receive(line))
            if kind == "asks":
                assert answer is not None, "nobody answers"
                _send(line, pickle.dumps(answer(_question(content))))
            elif kind == "done":
                return content
            elif kind == "over":
                raise OverBudget
            else:
                raise RuntimeError(content)
        raise OverBudget
    except (OSError, EOFError) as problem:
        raise OverBudget from problem


def _question(content: list[Any]) -> Any:
    """Questions come from a process that has read a hostile file: text and bytes only, never a pickle."""
    return [bytes.fromhex(item["hex"]) if isinstance(item, dict) else str(item) for item in content]


def _receive(line: socket.socket) -> bytes:
    size = _SIZE.unpack(_exactly(line, _SIZE.size))[0]
    if size > LARGEST_ANSWER:
        raise EOFError
    return _exactly(line, size)


def _exactly(line: socket.socket, size: int) -> bytes:
    got = bytearray()
    while len(got) < size:
        piece = line.recv(min(size - len(got), MEGABYTE))
        if not piece:
            raise EOFError
        got += piece
    return bytes(got)


def _send(line: socket.socket, content: bytes) -> None:
    line.sendall(_SIZE.pack(len(content)) + content)


# --- the helper, seen from the product ---


class _Helper:
    """The process that forks for each file; started again when it is gone."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._line, self._lock = ours, threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", f"from {__name__} import serve; serve({theirs.fileno()})"],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=_bare_environment(),
                start_new_session=True,
            )

    @property
    def lives(self) -> bool:
        return self._process.poll() is None and self.owner == os.getpid()

    def begin(self, number: int, task: tuple[str, Any, Budget]) -> socket.socket:
        """A line to a fresh process that has the file (descriptor ``number``) and the task."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with theirs, self._lock:
                socket.send_fds(self._line, [b"."], [theirs.fileno(), number])
            _send(ours, pickle.dumps(task))
        except OSError as problem:
            ours.close()
            raise OverBudget from problem
        return ours

    def end(self) -> None:
        self._line.close()
        if self.owner == os.getpid():
            self._process.wait()


def _bare_environment() -> dict[str, str]:
    """Nothing of the product's settings: whoever takes over the helper finds no secret there."""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return {"PYTHONPATH": path, "PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}


class _Keeper:
    """The helper of this process, if it has been needed."""

    def __init__(self) -> None:
        self._helper: _Helper | None = None
        self._lock = threading.Lock()

    def helper(self) -> _Helper:
        with self._lock:
            if self._helper is None or not self._helper.lives:
                self._end()
                self._helper = _Helper()
            return self._helper

    def end(self) -> None:
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._helper is not None:
            self._helper.end()
        self._helper = None


_keeper = _Keeper()
atexit.register(_keeper.end)


# --- the helper, seen from inside ---


def serve(number: int) -> None:
    """The helper's whole life: fork for each file that comes over the socket ``number``; end when the product has
    ended."""
    line = socket.socket(fileno=number)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for name in ("vanthu.pades.validation", "pyhanko.sign.diff_analysis"):
        importlib.import_module(name)
    while True:
        message, descriptors, _, _ = socket.recv_fds(line, 1, 2)
        if not message:
            return
        if os.fork() == 0:
            line.close()
            _judge(*descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _judge(line_number: int, file_number: int) -> None:
    """In the fresh process: do the one task, answer, and be gone without any clean-up that a file could abuse."""
    code = 1
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    with contextlib.suppress(BaseException):
        line = socket.socket(fileno=line_number)
        function, argument, budget = pickle.loads(_receive(line))  # noqa: S301 - from the product itself
        limits = _Limits(budget, os.fstat(file_number).st_size)
        _send(line, json.dumps(_outcome(line, limits, file_number, function, argument)).encode())
        code = 0
    os._exit(code)


def _outcome(line: socket.socket, limits: _Limits, file_number: int, function: str, argument: Any) -> Any:
    module, _, name = function.partition(":")
    called = getattr(importlib.import_module(module), name)

    def ask(question: list[str | bytes]) -> Any:
        content = [{"hex": item.hex()} if isinstance(item, bytes) else item for item in question]
        with limits.waiting():
            _send(line, json.dumps(["asks", content]).encode())
            return pickle.loads(_receive(line))  # noqa: S301 - from the product itself

    limits.begin()
    try:
        with io.BufferedReader(io.FileIO(file_number, "rb")) as stream:
            stream.seek(0)
            return ["done", called(stream, argument, ask)]
    except MemoryError:
        return ["over", None]
    except Exception as problem:
        return ["failed", f"{type(problem).__name__}: {problem}"[:2000]]
    finally:
        limits.end()


class _Limits:
    """The budget as limits of this process. The timer's signal ends the process; nothing catches it."""

    def __init__(self, budget: Budget, file_size: int) -> None:
        self._budget, self._file_size = budget, file_size
        self._left = budget.elapsed

    def begin(self) -> None:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        used = int(time.process_time()) + 1
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        memory = pages * resource.getpagesize() + self._budget.memory + self._file_size
        for limit, value in (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_NPROC, 0),
            (resource.RLIMIT_CPU, used + self._budget.cpu),
            (resource.RLIMIT_AS, memory),
        ):
            resource.setrlimit(limit, (value, value))
        signal.setitimer(signal.ITIMER_REAL, self._left)

    def end(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    @contextlib.contextmanager
    def waiting(self) -> Any:
        """The caller's time is not the file's."""
        self._left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, max(self._left, 0.001))
