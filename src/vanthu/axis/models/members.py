"""Who may send and who can be addressed: member systems, agencies and their codes."""

from __future__ import annotations

from django.db import models

from vanthu.base.models import Entity


class Member(Entity):
    """A system that calls the axis: a document system, or a province acting for its agencies."""

    system_id = models.CharField("mã hệ thống", max_length=35, unique=True)
    name = models.CharField("tên hệ thống", max_length=200)
    secret_box = models.TextField(editable=False)
    """The secret, encrypted (:mod:`vanthu.axis.secrets`): a copy of the database reveals nothing."""
    active = models.BooleanField("đang hoạt động", default=True)
    created_at = models.DateTimeField()
    last_seen = models.DateTimeField("liên lạc gần nhất", null=True)

    class Meta:
        ordering = ["system_id"]

    def __str__(self) -> str:
        return self.system_id


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
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    version = models.BigIntegerField(default=0)
    """Grows with every change anywhere in the list, so that a copy can ask for what is newer."""
    modified_at = models.DateTimeField()

    class Meta:
        ordering = ["code"]
        indexes = [models.Index(fields=["version"], name="axis_agency_version")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class AgencyCode(Entity):
    """One code of an agency, in comparable spelling: the one in force and every earlier one."""

    key = models.CharField(max_length=35, unique=True)
    code = models.CharField(max_length=35)
    agency = models.ForeignKey(AxisAgency, on_delete=models.CASCADE, related_name="codes")

    def __str__(self) -> str:
        return self.code
