"""Who may send and who can be addressed: member systems, agencies and their codes."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from vanthu.base.models import Entity
from vanthu.vietnamese import search_key


class Member(Entity):
    """A system that calls the axis: a document system, or a province acting for its agencies."""

    system_id = models.CharField("mã hệ thống", max_length=35, unique=True)
    name = models.CharField("tên hệ thống", max_length=200)
    secret_box = models.TextField(editable=False)
    """The secret, encrypted (:mod:`vanthu.axis.secrets`): a copy of the database reveals nothing."""
    secret_since = models.DateTimeField("khóa bí mật từ", null=True)
    old_secret_box = models.TextField(editable=False, blank=True)
    """The secret before, encrypted; empty when none is valid any more."""
    old_secret_until = models.DateTimeField("khóa cũ dùng được đến", null=True)
    overlap_seconds = models.PositiveIntegerField(default=0)
    """After the first call with the new secret, the old one works for so long at most."""
    new_secret_used_at = models.DateTimeField("khóa mới dùng lần đầu", null=True)
    active = models.BooleanField("đang hoạt động", default=True)
    is_axis = models.BooleanField("là trục khác", default=False)
    """Another axis, above or below this one: what leaves for it gets a hop in its trace."""
    created_at = models.DateTimeField()
    last_seen = models.DateTimeField("liên lạc gần nhất", null=True)
    calls_per_minute = models.PositiveIntegerField("số lời gọi mỗi phút", null=True, blank=True)
    megabytes_per_minute = models.PositiveIntegerField("MB gửi mỗi phút", null=True, blank=True)
    max_packet_mb = models.PositiveIntegerField("MB mỗi gói tin", null=True, blank=True)
    concurrent_calls = models.PositiveSmallIntegerField("số lời gọi cùng lúc", null=True, blank=True)
    queue_limit = models.PositiveIntegerField("số gói tin chờ nhận", null=True, blank=True)
    """Limits of this member; empty: the site's (:mod:`vanthu.axis.limits`)."""
    fresh_stamps = models.BooleanField("mỗi lời gọi một dấu thời gian", default=False)
    """The member's client stamps every call anew: a signed call counts once and only within minutes."""

    class Meta:
        ordering = ["system_id"]

    def __str__(self) -> str:
        return self.system_id


class Stage(models.TextChoices):
    """How far an agency is on its way onto the axis (QĐ 28/2018, R195-R196)."""

    NOT_READY = "NOT_READY", "Chưa sẵn sàng"
    READY = "READY", "Sẵn sàng"
    CONNECTED = "CONNECTED", "Đã kết nối"
    TRIAL_PASSED = "TRIAL_PASSED", "Đã qua thử nghiệm"
    LIVE = "LIVE", "Chính thức"


class AxisAgency(Entity):
    """An agency that can be addressed through the axis."""

    code = models.CharField("mã định danh", max_length=35, unique=True)
    name = models.CharField("tên cơ quan", max_length=200)
    parent_code = models.CharField("mã cơ quan cấp trên", max_length=35, blank=True)
    email = models.CharField("thư điện tử", max_length=100, blank=True)
    level = models.PositiveSmallIntegerField("cấp", default=1)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="agencies")
    locked = models.BooleanField("tạm khóa nhận", default=False)
    deleted = models.BooleanField("đã rời trục", default=False)
    valid_from = models.DateField("hiệu lực từ", null=True, blank=True)
    valid_to = models.DateField("hiệu lực đến hết", null=True, blank=True)
    successor = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="predecessors"
    )
    """Who gets what is sent to this agency after ``valid_to`` (merger, dissolution)."""
    dissolution = models.CharField("quyết định giải thể", max_length=200, blank=True)
    """By which it ceases to exist after ``valid_to`` with nobody to get its mail; empty for all others."""
    version = models.BigIntegerField(default=0)
    """Grows with every change anywhere in the list, so that a copy can ask for what is newer."""
    modified_at = models.DateTimeField()
    search_key = models.CharField(max_length=500, blank=True, editable=False)
    """Its name without accents; kept by :meth:`save`, and by whoever writes many at once."""
    trial_partner = models.BooleanField("đối tác thử nghiệm", default=False)
    """Exchanges with agencies that are not live yet, so that they can pass their trial."""
    stage = models.CharField("giai đoạn", max_length=12, choices=Stage, default=Stage.READY)
    stage_at = models.DateTimeField("ở giai đoạn này từ", null=True)
    trial_checked_at = models.DateTimeField(null=True)
    """Up to when the agency's traffic was looked through for its trial."""
    last_traffic_at = models.DateTimeField("gửi, nhận gần nhất", null=True)
    remind_on = models.DateField("ngày nhắc", null=True, blank=True)

    class Meta:
        ordering = ["code"]
        indexes = [
            models.Index(fields=["version"], name="axis_agency_version"),
            models.Index(fields=["parent_code"], name="axis_agency_parent"),
            models.Index(
                F("stage"), F("trial_checked_at").asc(nulls_first=True), name="axis_agency_on_the_way"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(successor=F("id")), name="axis_agency_not_its_own_successor")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def save(self, *args: Any, **named: Any) -> None:
        """Keeps the search key with the name."""
        self.search_key = search_key(self.name)
        if named.get("update_fields") is not None and "name" in named["update_fields"]:
            named["update_fields"] = {*named["update_fields"], "search_key"}
        super().save(*args, **named)


class AgencyCode(Entity):
    """One code of an agency, in comparable spelling: the one in force and every earlier one."""

    key = models.CharField(max_length=35, unique=True)
    code = models.CharField(max_length=35)
    agency = models.ForeignKey(AxisAgency, on_delete=models.CASCADE, related_name="codes")
    valid_from = models.DateField("hiệu lực từ", null=True, blank=True)
    valid_to = models.DateField("hiệu lực đến hết", null=True, blank=True)
    """An expired code still reaches its agency; the sender is told which one to use."""

    def __str__(self) -> str:
        return self.code


class AgencyListVersion(models.Model):
    """One row: a new version with every change of an agency or a code, given by triggers of the database."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.UUIDField()

    def __str__(self) -> str:
        return str(self.version)
