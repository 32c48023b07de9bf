"""Reading the certificates of an agency: what each is, how long it lasts, what is known of it, who lacks one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asn1crypto import x509
from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery

from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.directory.models import Post
from vanthu.legal.authority import WARNING_DAYS
from vanthu.pades import Category, Standing
from vanthu.pades.policy import weakens_on
from vanthu.signing.authority_queries import signers
from vanthu.signing.certificate_models import CertificateRequest, CertificateWarning, KeyUse
from vanthu.signing.certificate_rules import days_left
from vanthu.signing.devices import keeps_books
from vanthu.signing.models import SigningKey


@dataclass(frozen=True)
class Certificate:
    """One certificate as the inventory shows it. ``tone`` and ``word`` say the same."""

    key: SigningKey
    owner: str
    subject: str
    issuer: str
    algorithm: str
    left: int
    used_at: datetime | None
    standing: Standing | None
    looked_at: datetime | None
    weakens: str
    public: bool
    """A public authority issued it."""
    tone: str
    word: str
    requests: Sequence[CertificateRequest]


def inventory(actor: Actor) -> list[Certificate]:
    """The agency's certificates for whoever keeps the books or leads, one's own for everybody else; those in use
    first, the next to end at the top."""
    open_requests = CertificateRequest.objects.filter(answered_at=None).order_by("pk")
    used = KeyUse.objects.filter(key=OuterRef("pk")).order_by("-at").values("at")[:1]
    keys = (
        SigningKey.objects.filter(agency_id=actor.agency_id)
        .select_related("post__person", "device__custodian__person", "known")
        .prefetch_related(Prefetch("requests", queryset=open_requests, to_attr="open_requests"))
        .annotate(used_at=Subquery(used))
        .order_by("-active", "valid_to", "pk")
    )
    if not sees_all(actor):
        keys = keys.filter(post_id=actor.own_post)
    return [_certificate(key, actor.agency_name) for key in keys]


def sees_all(actor: Actor) -> bool:
    """Whether the actor sees the devices and certificates of the whole agency."""
    return keeps_books(actor) or actor.has(Role.LEADER)


def without_certificate(agency_id: UUID) -> list[Post]:
    """Who may sign for the agency but has no certificate in use (R189)."""
    having = set(
        SigningKey.objects.filter(agency_id=agency_id, active=True, valid_to__gt=clock.now()).values_list(
            "post_id", flat=True
        )
    )
    return [post for post in signers(agency_id) if post.pk not in having]


def requests(actor: Actor) -> QuerySet[CertificateRequest]:
    """What the authority was asked, the open ones first."""
    rows = CertificateRequest.objects.filter(agency_id=actor.agency_id).select_related("key", "post__person")
    if not sees_all(actor):
        rows = rows.filter(Q(post_id=actor.own_post) | Q(key__post_id=actor.own_post))
    return rows.order_by("-answered_at", "-pk")


def warnings(actor: Actor) -> list[CertificateWarning]:
    """What the person was told and has not taken note of: per certificate the latest."""
    if actor.post_id is None:
        return []
    rows = CertificateWarning.objects.filter(post_id=actor.post_id, seen_at=None, key__active=True)
    latest: dict[UUID, CertificateWarning] = {}
    for row in rows.select_related("key__post__person").order_by("-days"):
        latest[row.key_id] = row
    return list(latest.values())


def owner_of(key: SigningKey, agency_name: str) -> str:
    """Whose the key is, as people say it."""
    return key.post.person.full_name if key.post else agency_name


def _certificate(key: SigningKey, agency_name: str) -> Certificate:
    parsed = x509.Certificate.load(bytes(key.certificate))
    known = getattr(key, "known", None)
    standing = Standing(known.standing) if known is not None and known.standing else None
    left = days_left(key.valid_to, clock.now())
    tone, word = _tone(key, standing, left)
    weak = weakens_on([parsed])
    return Certificate(
        key=key,
        owner=owner_of(key, agency_name),
        subject=str(parsed.subject.native.get("common_name", key.subject)),
        issuer=str(parsed.issuer.native.get("common_name", parsed.issuer.human_friendly)),
        algorithm=algorithm_of(parsed),
        left=left,
        used_at=getattr(key, "used_at", None),
        standing=standing,
        looked_at=known.looked_at if known is not None else None,
        weakens=f"{weak:%d/%m/%Y}" if weak is not None and weak < key.valid_to.date() else "",
        public=known is not None and known.authority == Category.PUBLIC.value,
        tone=tone,
        word=word,
        requests=getattr(key, "open_requests", ()),
    )


def algorithm_of(certificate: x509.Certificate) -> str:
    """``RSA 2048, SHA-256``: the key and what the issuer signed the certificate with."""
    public = certificate.public_key
    name = (
        "RSA"
        if public.algorithm.startswith("rsa")
        else "ECDSA"
        if public.algorithm == "ec"
        else public.algorithm
    )
    try:
        size = f" {public.bit_size}"
    except (ValueError, TypeError, KeyError):
        size = ""
    try:
        digest = f", {certificate['signature_algorithm'].hash_algo.upper().replace('SHA', 'SHA-')}"
    except ValueError:
        digest = ""
    return f"{name}{size}{digest}"


def _tone(key: SigningKey, standing: Standing | None, left: int) -> tuple[str, str]:
    if not key.active:
        return "neutral", "Không dùng nữa"
    if standing is Standing.REVOKED:
        return "bad", "Đã bị thu hồi"
    if left < 0:
        return "bad", "Đã hết hạn"
    if standing in {Standing.UNTRUSTED, Standing.WITHDRAWN, Standing.CHAIN_BROKEN, Standing.WEAK}:
        return "bad", "Không được tin cậy"
    if left <= min(WARNING_DAYS):
        return "bad", "Sắp hết hạn"
    if left <= max(WARNING_DAYS):
        return "warn", "Cần gia hạn"
    return ("good", "Đang hiệu lực") if standing is Standing.GOOD else ("neutral", "Chưa kiểm tra được")
