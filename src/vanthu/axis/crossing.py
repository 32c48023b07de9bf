"""What leaves for another axis: the packet's own bytes with this axis' hop in its trace.

Owns the form in which a packet crosses. Documents (and declared types that are edXML) get a ``TraceHeader``; status
packets have no trace in the standard and opaque payloads no place for one, so they leave as they came. The hop's
time is the instant of acceptance, so the same packet always leaves as the same bytes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import BinaryIO, cast

from django.conf import settings

from vanthu.axis import payloads, storage
from vanthu.axis.models import Packet, PacketKind
from vanthu.base import clock
from vanthu.edxml.hops import Spliced, splice

CHUNK = 1 << 18


@dataclass(frozen=True)
class Leaving:
    """A packet as another axis gets it; ``size`` in bytes, ``stream`` stands at its beginning."""

    stream: BinaryIO
    sha256: str
    size: int


def own_code() -> str:
    """This axis' code in traces; empty when it has none and so passes nothing on."""
    return str(settings.VANTHU.axis_code)


def leaving(packet: Packet) -> Leaving:
    """The packet in the form in which it leaves; the caller closes its stream.

    Raises ``PacketError`` when no hop can be written into it, ``FileNotFoundError`` when its body is gone.
    """
    body = storage.open_body(packet)
    if not _traced(packet):
        return Leaving(body, packet.sha256, packet.size)
    change = splice(body, own_code(), clock.local(packet.accepted_at))
    stream = cast(BinaryIO, Spliced(body, change))
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    size = stream.tell()
    stream.seek(0)
    return Leaving(stream, digest.hexdigest(), size)


def _traced(packet: Packet) -> bool:
    kind = payloads.all_types().get(packet.kind)
    is_edxml = kind is not None and kind.addressing is payloads.Addressing.HEADER
    return bool(own_code()) and is_edxml and packet.kind != PacketKind.STATUS
