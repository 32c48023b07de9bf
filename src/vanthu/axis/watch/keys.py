"""What ends or grows old without anybody noticing: certificates, secrets and keys, and the axis' own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import cms
from django.conf import settings

from vanthu.axis.models import EvidenceBatch, Member, MemberKey, WatchedCertificate
from vanthu.axis.watch import thresholds
from vanthu.axis.watch.queues import secret_concerns
from vanthu.axis.watch.thresholds import Concern, Tone
from vanthu.base import clock


@dataclass(frozen=True)
class CertificateLine:
    """One certificate with what is the matter with it."""

    certificate: WatchedCertificate
    concerns: tuple[Concern, ...]

    @property
    def tone(self) -> Tone:
        """The worst of its concerns."""
        return thresholds.tone_of(self.concerns)


@dataclass(frozen=True)
class SecretLine:
    """A member's secret (``kid`` empty) or one of its public keys, and since when; instants in UTC."""

    member: Member
    since: datetime | None
    kid: str
    old_until: datetime | None
    concerns: tuple[Concern, ...]

    @property
    def tone(self) -> Tone:
        """The worst of its concerns."""
        return thresholds.tone_of(self.concerns)


@dataclass(frozen=True)
class OwnClock:
    """The axis' clock beside the time-stamping authority's, by the newest time-stamp; ``off`` positive: ahead."""

    at: datetime
    off: timedelta
    concerns: tuple[Concern, ...]

    @property
    def tone(self) -> Tone:
        """The worst of its concerns."""
        return thresholds.tone_of(self.concerns)


def certificates() -> list[CertificateLine]:
    """Every certificate that is watched: those that need a person first, then by their end."""
    found = [_certificate(row) for row in WatchedCertificate.objects.order_by("ends_at", "address")]
    return sorted(found, key=lambda line: line.tone is Tone.CALM)


def _certificate(row: WatchedCertificate) -> CertificateLine:
    found = thresholds.ending_concerns(row.ends_at, clock.now())
    if row.problem:
        found.append(Concern(Tone.WATCH, "Lần gần nhất không xem được chứng thư."))
    return CertificateLine(row, thresholds.worst_first(found))


def secrets() -> list[SecretLine]:
    """The secret and the keys of every active member: those that need a person first, then the oldest."""
    members = Member.objects.filter(active=True, parent=None)
    keys = MemberKey.objects.filter(revoked_at=None, member__in=members).select_related("member")
    found = [*map(_secret, members), *map(_key, keys)]
    return sorted(found, key=lambda line: (line.tone is Tone.CALM, line.since or clock.now()))


def _secret(member: Member) -> SecretLine:
    changing = member.old_secret_until is not None and clock.now() < member.old_secret_until
    until = member.old_secret_until if changing else None
    return SecretLine(member, member.secret_since, "", until, thresholds.worst_first(secret_concerns(member)))


def _key(key: MemberKey) -> SecretLine:
    found = thresholds.age_concerns(key.created_at, settings.VANTHU.axis_secret_days, clock.now())
    return SecretLine(key.member, key.created_at, key.kid, None, thresholds.worst_first(found))


def own_clock() -> OwnClock | None:
    """How the axis' clock stood beside the authority's when the newest time-stamp came (R99); None: no stamp yet."""
    batch = EvidenceBatch.objects.exclude(token=None).order_by("-number").first()
    if batch is None or batch.stamped_at is None:
        return None
    signed = cms.ContentInfo.load(bytes(batch.token or b""))["content"]
    off = batch.stamped_at - signed["encap_content_info"]["content"].parsed["gen_time"].native
    return OwnClock(batch.stamped_at, off, thresholds.worst_first(thresholds.own_clock_concerns(off)))
