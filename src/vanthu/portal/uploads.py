"""A stranger's file on its way to the check: on disk without a name, so that nothing of it can stay behind.

The operating system frees such a file when the request ends, and also when the process is killed.
"""

from __future__ import annotations

import tempfile
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from vanthu.errors import VanthuError

MEGABYTE = 1 << 20
BESIDES = 64 << 10
"""Bytes that a form may need beside its file."""


class NothingUploaded(VanthuError):
    """The form came without a file, or the file is empty."""

    code = "NOTHING_UPLOADED"
    message = "Chưa chọn tệp, hoặc tệp rỗng. Hãy chọn tệp cần kiểm tra."


class UploadTooLarge(VanthuError):
    """Over what strangers may have checked."""

    code = "UPLOAD_TOO_LARGE"
    message = (
        "Tệp vượt giới hạn {limit} MB của trang kiểm tra công khai. Hãy nhờ cơ quan nhận văn bản kiểm tra."
    )
    http_status = 413


class Vanishing(FileUploadHandler):
    """Writes an upload into a temporary file that has no name."""

    def new_file(self, *args: Any, **more: Any) -> None:
        """See Django."""
        super().new_file(*args, **more)
        self._kept = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the request

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002 - Django's shape
        """See Django."""
        self._kept.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[Any]:
        """See Django."""
        self._kept.seek(0)
        return UploadedFile(
            self._kept, self.file_name, self.content_type, file_size, self.charset, self.content_type_extra
        )


def require_bounded(request: HttpRequest, limit_mb: int) -> None:
    """Refuse by what the request says of its length, before a byte is read. Raises :class:`UploadTooLarge`."""
    said = str(request.META.get("CONTENT_LENGTH") or "0")
    if not said.isdigit() or int(said) > limit_mb * MEGABYTE + BESIDES:
        raise UploadTooLarge(limit=limit_mb)


def only_file(request: HttpRequest) -> UploadedFile[Any]:
    """The uploaded file. Raises :class:`NothingUploaded`."""
    found = request.FILES.get("file")
    if not isinstance(found, UploadedFile) or not found.size:
        raise NothingUploaded
    return found
