"""How packets read on the operator's pages: ``{% load axis %}``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vanthu.axis.models import Packet, PacketKind
from vanthu.edxml.codes import BusinessType, status_label
from vanthu.web.templatetags.vanthu import length_of
from vanthu.web.words import said

register = template.Library()


@register.filter
def packet_name(packet: Packet) -> str:
    """What people call a packet: number and notation, else its DocumentId, else what it is."""
    if packet.kind == PacketKind.STATUS:
        return f"{_('Trạng thái')} {packet.status_code}: {status_name(packet.status_code)}"
    return packet.document_code or packet.document_id or said(packet.get_kind_display())


@register.filter
def status_name(code: str) -> str:
    """The name of a business status, in the page's language."""
    return said(status_label(code))


@register.filter
def business_name(number: int) -> str:
    """What a document packet is for: new, recall, update, replacement."""
    return said(BusinessType(number).label) if number in list(BusinessType) else str(number)


@register.filter
def total(values: Iterable[int]) -> int:
    """The sum of a series."""
    return sum(values)


@register.filter
def seconds_of(span: timedelta) -> str:
    """By how much a clock is off: ``45 giây``, then ``12 phút``, ``3 giờ``, ``2 ngày``."""
    seconds = round(abs(span.total_seconds()))
    if seconds < 120:
        return ngettext("%(n)d giây", "%(n)d giây", seconds) % {"n": seconds}
    minutes = round(seconds / 60)
    if minutes >= 120:
        return length_of(abs(span))
    return ngettext("%(n)d phút", "%(n)d phút", minutes) % {"n": minutes}
