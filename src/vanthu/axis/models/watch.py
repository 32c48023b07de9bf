"""What the operator watches beside packets: calls that were refused, packets stopped for state secrecy."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from vanthu.axis.models.members import AxisAgency, Member
from vanthu.base.models import Entity


class RefusedCalls(Entity):
    """How often a member was refused for one reason in one hour. A count, so that a flood fills no table."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="refusals")
    code = models.CharField(max_length=60)
    hour = models.DateTimeField()
    number = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField()
    last_text = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "code", "hour"], name="axis_refused_once")]
        indexes = [models.Index(fields=["hour"], name="axis_refused_hour")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.code} {self.number}"


class WatchedPlace(models.TextChoices):
    """Where a certificate is that must not end unnoticed."""

    SITE = "site", "Địa chỉ của trục này"
    PARENT = "parent", "Trục cấp trên"
    WEBHOOK = "webhook", "Địa chỉ báo tin của thành viên"
    STAMPS = "stamps", "Dịch vụ cấp dấu thời gian"


class WatchedCertificate(Entity):
    """A certificate that the axis depends on, as last seen: whose it is and until when it is valid.

    ``problem`` says why it could not be looked at; what was known before stays.
    """

    place = models.CharField("ở đâu", max_length=10, choices=WatchedPlace)
    address = models.CharField("địa chỉ", max_length=500)
    subject = models.CharField("cấp cho", max_length=300, blank=True)
    ends_at = models.DateTimeField("hết hạn", null=True)
    seen_at = models.DateTimeField("xem lúc", null=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "address"], name="axis_certificate_once")]

    def __str__(self) -> str:
        return f"{self.address} {self.ends_at}"


class IncidentState(models.TextChoices):
    """Where an incident stands; the content goes only when two people wanted it."""

    SEALED = "sealed", "Đang niêm phong"
    PURGE_ASKED = "purge_asked", "Chờ người thứ hai: tiêu hủy"
    CLEAR_ASKED = "clear_asked", "Chờ người thứ hai: cho gửi lại"
    PURGED = "purged", "Đã tiêu hủy nội dung"
    CLEARED = "cleared", "Không phải bí mật nhà nước"


INCIDENT_OPEN = (IncidentState.SEALED, IncidentState.PURGE_ASKED, IncidentState.CLEAR_ASKED)


class SecrecyIncident(Entity):
    """A packet that was stopped because it carries a mark of state secrecy: envelope data only, no subject.

    Its bytes lie encrypted in ``sealed_file`` under a key of their own (``sealed_key``, itself encrypted).
    Purging forgets the key first, so that a copy of the file is worth nothing.
    """

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="incidents")
    sender = models.ForeignKey(AxisAgency, on_delete=models.PROTECT, related_name="incidents")
    sender_code = models.CharField("mã bên gửi", max_length=35)
    recipient_codes: models.JSONField[list[str], list[str]] = models.JSONField("mã bên nhận", default=list)
    kind = models.CharField("loại", max_length=20)
    document_id = models.CharField("mã văn bản", max_length=255, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField("kích thước")
    marks: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(default=list)
    """Place, level, rule and citation of each mark; never the text it stood in."""
    level = models.CharField("độ mật", max_length=20)
    address = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=12, choices=IncidentState, default=IncidentState.SEALED)
    first_at = models.DateTimeField("lần đầu")
    last_at = models.DateTimeField("lần gần nhất")
    attempts = models.PositiveIntegerField("số lần gửi", default=1)
    sealed_file = models.CharField(max_length=120)
    sealed_key = models.TextField(editable=False, blank=True)
    asked_by = models.CharField("người đề nghị", max_length=200, blank=True)
    asked_person = models.UUIDField(null=True)
    asked_at = models.DateTimeField(null=True)
    reason = models.CharField("lý do", max_length=500, blank=True)
    decided_by = models.CharField("người xác nhận", max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    reported_to = models.CharField("đã báo cáo", max_length=300, blank=True)
    reported_by = models.CharField(max_length=200, blank=True)
    reported_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sender", "sha256"], name="axis_incident_once"),
            models.CheckConstraint(
                condition=Q(state__in=["purged", "cleared"]) ^ ~Q(sealed_key=""), name="axis_incident_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sender_code} {self.level} {self.state}"
