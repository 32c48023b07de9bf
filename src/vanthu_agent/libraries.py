"""Where makers put their PKCS#11 libraries. Owns the list; ``--library`` overrides it."""

from __future__ import annotations

import sys
from pathlib import Path

_NAMES = {
    "win32": (
        "C:/Windows/System32/eps2003csp11.dll",
        "C:/Windows/System32/eTPKCS11.dll",
        "C:/Windows/System32/bit4xpki.dll",
        "C:/Windows/System32/bit4ipki.dll",
        "C:/Program Files/OpenSC Project/OpenSC/pkcs11/opensc-pkcs11.dll",
    ),
    "darwin": (
        "/usr/local/lib/libcastle.1.0.0.dylib",
        "/usr/local/lib/libeTPkcs11.dylib",
        "/Library/OpenSC/lib/opensc-pkcs11.so",
    ),
    "linux": (
        "/opt/ePass2003-Castle/redist/libcastle.so",
        "/usr/lib/libeTPkcs11.so",
        "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so",
        "/usr/lib64/opensc-pkcs11.so",
    ),
}


def installed() -> list[Path]:
    """Known libraries that this computer has."""
    return [Path(name) for name in _NAMES.get(sys.platform, ()) if Path(name).is_file()]
