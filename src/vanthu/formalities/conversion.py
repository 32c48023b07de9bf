"""Turning a word processor file into PDF with LibreOffice, and counting pages.

Each conversion is a process of its own with a throw-away profile, a time limit, macros off, and only the
fonts that ship with the program first in line (Times New Roman is set in Tinos, which has every Vietnamese
letter and the same metrics). Uploads are not trusted: a file that makes the converter hang or crash is
ConversionFailed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import zipfile
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape

from vanthu.errors import MustAct, VanthuError
from vanthu.formalities.fonts import FontsMissing, tinos_folder
from vanthu.formalities.pdftext import open_pdf
from vanthu.pades.opening import Pdf

_PROGRAMS = ("soffice", "libreoffice")
_MOST_UNPACKED_BYTES = 512 * 1024 * 1024
_MOST_ENTRIES = 10_000
_PDF_A = 'pdf:writer_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"2"}}'
"""PDF/A-2b, the form for keeping, reached before the first signature (TT 05/2025/TT-BNV; requirement L35)."""

_AT_A_TIME = threading.BoundedSemaphore(2)


class LibreOfficeMissing(VanthuError):
    """No converter is installed on this machine."""

    code = "CONVERTER_MISSING"
    message = (
        "Máy chủ chưa cài LibreOffice nên không chuyển được tệp Word sang PDF."
        " Hãy tải lên tệp PDF hoặc đề nghị quản trị cài đặt LibreOffice."
    )
    must_act = MustAct.ADMINISTRATOR
    http_status = 503


class ConversionFailed(VanthuError):
    """The converter gave no PDF for this file within its time."""

    code = "CONVERSION_FAILED"
    message = "Không chuyển được tệp Word sang PDF: {reason}. Hãy kiểm tra tệp hoặc tải lên tệp PDF."
    http_status = 422


def docx_to_pdf(data: bytes, *, timeout_seconds: float = 60) -> bytes:
    """As :func:`docx_into`, for files that fit in memory."""
    target = BytesIO()
    docx_into(BytesIO(data), target, timeout_seconds=timeout_seconds)
    return target.getvalue()


def docx_into(source: BinaryIO, target: BinaryIO, *, timeout_seconds: float = 60) -> None:
    """The PDF of a DOCX file, written into the empty ``target``.

    At most two conversions run at a time in one process; waiting for a turn counts towards
    ``timeout_seconds``. Raises LibreOfficeMissing, ConversionFailed.
    """
    program = _program()
    _check_docx(source)
    if not _AT_A_TIME.acquire(timeout=timeout_seconds):
        raise ConversionFailed(reason="hệ thống đang bận chuyển đổi các tệp khác")
    try:
        with tempfile.TemporaryDirectory(prefix="vanthu-convert-", ignore_cleanup_errors=True) as folder:
            _convert(program, Path(folder), source, target, timeout_seconds)
    finally:
        _AT_A_TIME.release()


def page_count(pdf: Pdf) -> int:
    """Number of pages of a PDF. Raises UnreadablePdf."""
    with open_pdf(pdf) as document:
        return len(document)


def _program() -> str:
    found = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if found is None:
        raise LibreOfficeMissing
    return found


def _check_docx(source: BinaryIO) -> None:
    """Refuses what is no DOCX and what unpacks to an absurd size, before the converter sees it."""
    try:
        with zipfile.ZipFile(source) as package:
            entries = package.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ConversionFailed(reason="tệp không đúng định dạng DOCX") from error
    if not any(entry.filename == "word/document.xml" for entry in entries):
        raise ConversionFailed(reason="tệp không đúng định dạng DOCX")
    if len(entries) > _MOST_ENTRIES or sum(entry.file_size for entry in entries) > _MOST_UNPACKED_BYTES:
        raise ConversionFailed(reason="nội dung tệp quá lớn")


def _convert(program: str, folder: Path, draft: BinaryIO, target: BinaryIO, timeout_seconds: float) -> None:
    source, result = folder / "draft.docx", folder / "draft.pdf"
    draft.seek(0)
    with source.open("wb") as copy:
        shutil.copyfileobj(draft, copy)
    command = [
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--nodefault",
        "--convert-to",
        _PDF_A,
        "--outdir",
        str(folder),
        str(source),
    ]
    _write_profile(folder / "profile")
    _run(command, _environment(folder), timeout_seconds)
    if not result.is_file() or result.stat().st_size == 0:
        raise ConversionFailed(reason="tệp hỏng hoặc dùng định dạng không hỗ trợ")
    with result.open("rb") as made:
        shutil.copyfileobj(made, target)


def _run(command: list[str], environment: dict[str, str], timeout_seconds: float) -> None:
    """Runs the converter in a process group of its own, so that a time-out ends its children too."""
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(timeout_seconds)
    except subprocess.TimeoutExpired as error:
        raise ConversionFailed(reason=f"quá {timeout_seconds:g} giây") from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of the server's own environment but the path; fonts as configured here."""
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "LANG": "C.UTF-8"}
    try:
        fonts = tinos_folder()
    except FontsMissing:
        return environment
    settings = folder / "fonts.conf"
    settings.write_text(_font_settings(fonts, folder / "font-cache"), encoding="utf-8")
    environment["FONTCONFIG_FILE"] = str(settings)
    return environment


def _font_settings(fonts: Path, cache: Path) -> str:
    """Fontconfig settings: the machine's fonts, ours, and Times New Roman set in ours."""
    return f"""<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{escape(str(fonts))}</dir>
  <cachedir>{escape(str(cache))}</cachedir>
  <match target="pattern">
    <test name="family"><string>Times New Roman</string></test>
    <edit name="family" mode="assign" binding="strong"><string>Tinos</string></edit>
  </match>
</fontconfig>
"""


def _write_profile(profile: Path) -> None:
    """Settings of the throw-away profile: no macros, no links fetched from elsewhere, and our font for
    Times.
    """
    folder = profile / "user"
    folder.mkdir(parents=True)
    (folder / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")


def _setting(path: str, name: str, value: str) -> str:
    return (
        f'<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{value}</value></prop></item>"
    )


_PROFILE = "".join(
    [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry"',
        ' xmlns:xs="http://www.w3.org/2001/XMLSchema"',
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">',
        _setting("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
        _setting("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
        _setting("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
        _setting("Office.Writer/Content/Update", "Link", "0"),
        "</oor:items>",
    ]
)
