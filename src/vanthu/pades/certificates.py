"""Parsed certificates, remembered: the same few authorities and signers come with every file.

Owns the memory, and taking the certificates out of a signature into it. asn1crypto prepares names for comparison at
every first use, which costs more than checking a signature; a certificate that is parsed once keeps what was prepared.
It parses lazily and is not made for threads, so each thread remembers its own.
"""

from __future__ import annotations

import threading

from asn1crypto import cms, x509

MOST = 500

_memory = threading.local()


def certificate(der: bytes) -> x509.Certificate:
    """The certificate ``der``, as one object per thread. Raises ValueError for what is none."""
    known: dict[bytes, x509.Certificate] = _memory.__dict__.setdefault("known", {})
    if der not in known:
        if len(known) >= MOST:
            known.clear()
        known[der] = x509.Certificate.load(der)
    return known[der]


def embedded(signed_data: cms.SignedData) -> list[x509.Certificate]:
    """The certificates that came with a signature or a time-stamp token."""
    chosen = [choice.chosen for choice in signed_data["certificates"] if choice.name == "certificate"]
    return [certificate(item.dump()) for item in chosen]
