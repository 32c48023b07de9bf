"""vanthu-agent as a package that people's computers install from their own site with pipx.

Owns the wheel, built from the very program that this site runs beside: the versions always fit and nobody needs
another source. Refuses to hold anything but the program.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from functools import cache
from importlib.resources import files

from vanthu_agent import VERSION

NAME = f"vanthu_agent-{VERSION}-py3-none-any.whl"
_INFO = f"vanthu_agent-{VERSION}.dist-info"
_METADATA = f"""Metadata-Version: 2.1
Name: vanthu-agent
Version: {VERSION}
Summary: Signs documents of Vanthu with the token in the user's own computer
License: Apache-2.0
Requires-Python: >=3.11
Requires-Dist: python-pkcs11>=0.7
Requires-Dist: asn1crypto>=1.5
"""
_WHEEL = "Wheel-Version: 1.0\nGenerator: vanthu\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_ENTRY = "[console_scripts]\nvanthu-agent = vanthu_agent.main:main\n"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


@cache
def wheel() -> bytes:
    """The wheel; the same bytes on every server of the same version (PEP 427)."""
    content = {
        f"vanthu_agent/{item.name}": item.read_bytes()
        for item in sorted(files("vanthu_agent").iterdir(), key=lambda one: one.name)
        if item.name.endswith(".py")
    }
    content[f"{_INFO}/METADATA"] = _METADATA.encode()
    content[f"{_INFO}/WHEEL"] = _WHEEL.encode()
    content[f"{_INFO}/entry_points.txt"] = _ENTRY.encode()
    lines = [f"{name},{_hash(data)},{len(data)}" for name, data in content.items()]
    content[f"{_INFO}/RECORD"] = "\n".join([*lines, f"{_INFO}/RECORD,,", ""]).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), data)
    return stream.getvalue()


def _hash(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"sha256={digest}"
