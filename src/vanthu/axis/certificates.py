"""Certificates that the axis depends on: looks at them as a caller would, and keeps until when they are valid.

Its own address, the parent axis, members' webhooks, the time-stamping authority. Believes nothing it sees: only the
dates are noted, and whether a certificate is good is decided where it is used.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.conf import settings

from vanthu.axis.models import EvidenceBatch, WatchedCertificate, WatchedPlace, Webhook
from vanthu.axis.relay.errors import WebhookNotAllowed
from vanthu.axis.relay.targets import look_up
from vanthu.base import clock
from vanthu.evidence.timestamps import certificates_of

TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True)
class _Sight:
    """One place to look at; ``look`` gives the certificate, or raises ``OSError`` or ``ValueError``."""

    place: WatchedPlace
    address: str
    look: Callable[[], x509.Certificate]


def look() -> int:
    """Look at every certificate anew and forget those that no longer matter; returns how many were seen."""
    sights = {(sight.place, sight.address): sight for sight in _sights()}
    for row in WatchedCertificate.objects.all():
        if (row.place, row.address) not in sights:
            row.delete()
    return sum(map(_note, sights.values()))


def _note(sight: _Sight) -> bool:
    row, _ = WatchedCertificate.objects.get_or_create(place=sight.place, address=sight.address)
    mine = WatchedCertificate.objects.filter(pk=row.pk)
    try:
        found = sight.look()
    except (OSError, ValueError, WebhookNotAllowed) as error:
        mine.update(problem=(str(error) or type(error).__name__)[:300], seen_at=clock.now())
        return False
    subject = found.subject.rfc4514_string()[:300]
    mine.update(subject=subject, ends_at=found.not_valid_after_utc, seen_at=clock.now(), problem="")
    return True


def _sights() -> Iterator[_Sight]:
    site = settings.VANTHU
    for place, url in ((WatchedPlace.SITE, site.base_url), (WatchedPlace.PARENT, site.parent_url)):
        parts = urlsplit(url)
        if parts.scheme == "https" and parts.hostname:
            host, port = parts.hostname, parts.port or 443
            yield _Sight(place, f"{host}:{port}", partial(_served, host, host, port))
    for url in Webhook.objects.filter(member__active=True).values_list("url", flat=True):
        if url.startswith("https:"):
            yield _Sight(WatchedPlace.WEBHOOK, _authority(url), partial(_webhook, url))
    stamped = EvidenceBatch.objects.exclude(token=None).order_by("-number").first()
    if stamped is not None:
        yield _Sight(WatchedPlace.STAMPS, site.tsa_url or "-", partial(_stamper, bytes(stamped.token or b"")))


def _authority(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 443}"


def _webhook(url: str) -> x509.Certificate:
    """Under the same rule as calling it: only where webhooks may point to."""
    target = look_up(url, settings.VANTHU.axis_webhook_allow)
    return _served(target.host, target.address, urlsplit(url).port or 443)


def _served(host: str, address: str, port: int) -> x509.Certificate:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((address, port), timeout=TIMEOUT_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as line,
    ):
        return x509.load_der_x509_certificate(line.getpeercert(binary_form=True) or b"")


def _stamper(token: bytes) -> x509.Certificate:
    """The authority's own certificate among those that came with the newest time-stamp."""
    found = [x509.load_der_x509_certificate(der) for der in certificates_of(token)]
    for certificate in found:
        for extension in certificate.extensions:
            usage = extension.value
            if isinstance(usage, x509.ExtendedKeyUsage) and ExtendedKeyUsageOID.TIME_STAMPING in usage:
                return certificate
    raise ValueError("không thấy chứng thư của dịch vụ trong dấu thời gian")
