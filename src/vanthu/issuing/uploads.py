"""What a drafter may upload: PDF, or DOCX that is turned into PDF. Uploads are never trusted."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from vanthu.errors import VanthuError
from vanthu.formalities.conversion import docx_into, page_count
from vanthu.formalities.secrecy import Described
from vanthu.formalities.stampzone import stamp_marks
from vanthu.issuing.rules import refuse_secret
from vanthu.pades.opening import Pdf, beginning
from vanthu.pades.preparing import open_clean
from vanthu.vietnamese import nfc

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class FileEmpty(VanthuError):
    """A file of zero bytes."""

    code = "FILE_EMPTY"
    message = "Tệp “{name}” rỗng (0 byte); hãy chọn lại tệp."


class FileTooLarge(VanthuError):
    """Over the site's limit."""

    code = "FILE_TOO_LARGE"
    message = (
        "Tệp “{name}” dung lượng {size} MB, vượt giới hạn {limit} MB; hãy giảm dung lượng hoặc tách phụ lục."
    )
    http_status = 413


class FileTypeRefused(VanthuError):
    """Neither PDF nor DOCX (R27)."""

    code = "FILE_TYPE_REFUSED"
    message = "Tệp “{name}” không phải PDF hoặc Word (.docx); hãy chuyển sang PDF."
    rule = "TT 39/2017/TT-BTTTT"


@dataclass(frozen=True)
class Upload:
    """A checked upload: the PDF that will be signed, and the Word source when there was one; large ones in files."""

    name: str
    pdf: Pdf
    pages: int
    source: Pdf | None = None


def taken(given: UploadedFile[bytes]) -> Upload:
    """The upload of a form or of the API, checked; not read into memory. Raises as :func:`check_upload`."""
    name = given.name or ""
    require_size(name, given.size or 0)
    return check_upload(name, cast(BinaryIO, given.file))


def check_upload(name: str, content: bytes | BinaryIO) -> Upload:
    """Check and, for DOCX, convert an upload; a stream is not read into memory and must stay open with the result.

    Raises :class:`FileEmpty`, :class:`FileTooLarge`, :class:`FileTypeRefused`, the PDF errors of
    ``vanthu.pades`` (not a PDF, encrypted, damaged, signed, active content), the conversion errors of
    ``vanthu.formalities``, and ``SecretDraft``.
    """
    shown = clean_name(name)
    stream = beginning(content)
    require_size(shown, stream.seek(0, os.SEEK_END))
    suffix = PurePath(shown).suffix.lower()
    if suffix == ".docx":
        pdf: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - goes with the upload
        docx_into(stream, pdf)
        return _checked(shown, f"{PurePath(shown).stem}.pdf", pdf, source=content)
    if suffix != ".pdf":
        raise FileTypeRefused(name=shown)
    return _checked(shown, shown, content)


def _checked(given: str, name: str, pdf: Pdf, source: Pdf | None = None) -> Upload:
    _require_signable(pdf)
    _require_no_secret(given, pdf)
    return Upload(name, pdf, page_count(pdf), source)


def _require_no_secret(name: str, pdf: Pdf) -> None:
    """By the file's name and the stamp on its first page, as far as the page has text (R58c)."""
    refuse_secret(Described(attachment_names=(name,)), stamp_marks(pdf))


def _require_signable(pdf: Pdf) -> None:
    """Raise the PDF error of ``vanthu.pades`` that says why the file cannot be signed."""
    open_clean(pdf).close()


def require_size(name: str, size: int) -> None:
    """Refuse by size in bytes before anything is read. Raises :class:`FileEmpty`, :class:`FileTooLarge`."""
    limit = settings.VANTHU.max_upload_mb
    if not size:
        raise FileEmpty(name=clean_name(name))
    if size > limit << 20:
        raise FileTooLarge(name=clean_name(name), size=-(-size >> 20), limit=limit)


def clean_name(name: str) -> str:
    """The last part of a file name in NFC, without control characters, at most 200 long, suffix kept."""
    last = nfc(name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(char for char in last if ord(char) >= 32).strip() or "tep"
    stem, suffix = PurePath(kept).stem, PurePath(kept).suffix[:10]
    return f"{stem[: 200 - len(suffix)]}{suffix}"
