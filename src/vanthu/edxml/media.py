"""Media types by file name, from a fixed table (never the machine's), and the transport rule of attachments.

Owns which types travel raw and which in a ZIP; refuses to look at bytes (``attachments`` does).
"""

from __future__ import annotations

_MEDIA_TYPES = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "rtf": "application/rtf",
    "txt": "text/plain",
    "csv": "text/csv",
    "xml": "application/xml",
    "html": "text/html",
    "htm": "text/html",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "zip": "application/zip",
    "rar": "application/vnd.rar",
    "7z": "application/x-7z-compressed",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "dwg": "image/vnd.dwg",
    "p7m": "application/pkcs7-mime",
    "p7s": "application/pkcs7-signature",
}
_RAW_TRANSPORT = {"pdf": "application/pdf", "doc": "application/doc", "docx": "application/docx"}

ARCHIVE_EXTENSIONS = frozenset({"zip", "jar", "kmz", "apk", "epub"})
"""Files that are ZIP archives of several files by intent: never unpacked."""

PACKAGE_EXTENSIONS = frozenset(
    {
        "docx",
        "docm",
        "dotx",
        "xlsx",
        "xlsm",
        "xltx",
        "pptx",
        "pptm",
        "ppsx",
        "odt",
        "ods",
        "odp",
        "odg",
        "ott",
    }
)
"""Office files that are ZIP packages inside: begin with the ZIP mark without being wrapped."""

TEXT_TYPES = frozenset({"text/plain", "text/csv", "application/xml", "text/html", "application/rtf"})
"""Types that may hold any character as text, the replacement character included."""


def extension(name: str) -> str:
    """The lower-case ending of a file name without its dot; empty when there is none."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    stem, dot, ending = base.rpartition(".")
    return ending.strip().lower() if dot and stem else ""


def media_type(name: str) -> str:
    """The media type that a file name promises; ``application/octet-stream`` when unknown."""
    return _MEDIA_TYPES.get(extension(name), "application/octet-stream")


def transport_type(name: str) -> tuple[str, bool]:
    """(ContentType to write, whether to wrap the file in a one-entry ZIP) by the classic kit's rule.

    PDF, DOC and DOCX travel as they are, a ZIP stays itself, everything else is wrapped.
    """
    ending = extension(name)
    if ending == "zip":
        return "application/zip", False
    raw = _RAW_TRANSPORT.get(ending)
    return (raw, False) if raw else ("application/zip", True)
