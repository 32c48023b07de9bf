"""What the library commands share: words that cannot drive the terminal, files that are never written over, and
secrets that never stand on a command line.

Refuses a passphrase as an argument: other people of the machine see those, and shells keep them.
"""

from __future__ import annotations

import errno
import getpass
import json
import os
import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from vanthu.errors import VanthuError

LONGEST_SECRET = 4096
_TROUBLES = {
    errno.ENOENT: "Không có tệp hoặc thư mục này",
    errno.EISDIR: "Đây là thư mục, không phải tệp",
    errno.ENOTDIR: "Đây không phải thư mục",
    errno.EEXIST: "Đã có tệp mang tên này, không ghi đè",
    errno.EACCES: "Không có quyền đọc hoặc ghi",
    errno.EPERM: "Không có quyền đọc hoặc ghi",
    errno.EROFS: "Ổ đĩa chỉ cho đọc",
    errno.ENOSPC: "Ổ đĩa đã đầy",
    errno.ENAMETOOLONG: "Tên tệp quá dài",
}


class NoSecret(VanthuError):
    """Nobody can be asked and nothing was given."""

    code = "NO_PASSPHRASE"
    message = (
        "Chưa có mật khẩu của khóa ký. Hãy dùng --passphrase-file, --passphrase-fd, hoặc chạy lệnh từ màn hình "
        "dòng lệnh để được hỏi."
    )


def printable(text: str) -> str:
    """One line that cannot drive the terminal: files and packets come from strangers."""
    return "".join(" " if unicodedata.category(char)[0] == "C" else char for char in text)


def print_json(said: Mapping[str, Any]) -> None:
    """One JSON object for a machine."""
    typer.echo(json.dumps(said, ensure_ascii=False, indent=1))


def file_trouble(error: OSError) -> dict[str, str]:
    """Why a file or folder cannot be used: a sentence with its name, under the code ``FILE``."""
    said = _TROUBLES.get(error.errno or 0, error.strerror or str(error))
    return {"code": "FILE", "message": f"{said}: {error.filename}" if error.filename else said}


def secret(file: Path | None, descriptor: int | None, prompt: str) -> str:
    """The passphrase or PIN from a file, an open file descriptor, or the person at the terminal; one line end at
    its end is dropped.

    Raises :class:`NoSecret`, OSError.
    """
    if file is not None:
        return _line(file.read_bytes())
    if descriptor is not None:
        with os.fdopen(descriptor, "rb") as given:
            return _line(given.read(LONGEST_SECRET))
    if not sys.stdin.isatty():
        raise NoSecret
    return getpass.getpass(prompt)


def _line(given: bytes) -> str:
    return given[:LONGEST_SECRET].decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")


def require_new(path: Path) -> Path:
    """``path`` itself when nothing stands there. Raises FileExistsError."""
    if path.exists() or path.is_symlink():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    return path


def unfinished_beside(path: Path) -> Path:
    """Where a file is written before it gets its name. Raises FileNotFoundError for its folder."""
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path.parent))
    return path.with_name(f".{path.name[:100]}.{os.getpid()}")


def write_new(path: Path, content: bytes) -> None:
    """Write beside the target and only then give it its name: half a file is never taken for the whole.

    Raises FileExistsError, OSError.
    """
    unfinished = unfinished_beside(path)
    try:
        with unfinished.open("xb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        try:
            os.link(unfinished, path)
        except FileExistsError:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
    finally:
        unfinished.unlink(missing_ok=True)
