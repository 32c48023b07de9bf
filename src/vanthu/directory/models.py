"""State of the directory: agencies (hosted here or known from the axis), units, people and their posts."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from vanthu.base.actors import Role
from vanthu.base.ids import new_id
from vanthu.base.models import Entity
from vanthu.vietnamese import search_key


class AgencyKind(models.TextChoices):
    """What kind of body an agency is (R59)."""

    STATE_AGENCY = "STATE_AGENCY", "Cơ quan nhà nước"
    PUBLIC_SERVICE_UNIT = "PUBLIC_SERVICE_UNIT", "Đơn vị sự nghiệp công lập"
    STATE_ENTERPRISE = "STATE_ENTERPRISE", "Doanh nghiệp nhà nước"
    PARTY_OR_MASS = "PARTY_OR_MASS", "Tổ chức đảng, đoàn thể"
    OTHER = "OTHER", "Tổ chức khác"


OUTSIDE = frozenset({AgencyKind.STATE_ENTERPRISE, AgencyKind.PARTY_OR_MASS, AgencyKind.OTHER})
"""Kinds of bodies outside the state administrative system."""


class Agency(Entity):
    """An agency or organisation that sends and receives documents."""

    name = models.CharField("tên cơ quan", max_length=200)
    parent_name = models.CharField("cơ quan chủ quản", max_length=200, blank=True)
    abbreviation = models.CharField("chữ viết tắt", max_length=30, blank=True)
    kind = models.CharField("loại", max_length=30, choices=AgencyKind, default=AgencyKind.STATE_AGENCY)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    place = models.CharField("địa danh", max_length=50, blank=True)
    address = models.CharField("địa chỉ", max_length=250, blank=True)
    email = models.CharField("thư điện tử", max_length=100, blank=True)
    telephone = models.CharField("điện thoại", max_length=50, blank=True)
    website = models.CharField("trang thông tin", max_length=100, blank=True)
    hosted = models.BooleanField("trên hệ thống này", default=False)
    ready = models.BooleanField("sẵn sàng nhận văn bản điện tử", default=True)
    superior = models.BooleanField("cơ quan cấp trên", default=False)
    search_key = models.CharField(max_length=500, blank=True, editable=False)
    successor = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="predecessors"
    )
    """Who took its work over when it was merged; speaks for what was sent to it or received from it before."""

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["hosted"], name="directory_agency_hosted")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the accent-less search key beside the name."""
        self.search_key = search_key(self.name, self.parent_name, self.abbreviation)
        super().save(*args, **kwargs)

    @property
    def organ_id(self) -> str:
        """The identifier in force (QĐ 20/2020 before older ones); empty when the agency has none."""
        codes = sorted(self.identifiers.all(), key=lambda code: (not code.primary, code.code))
        return codes[0].code if codes else ""


class AgencyIdentifier(Entity):
    """One identifier of an agency; inbound packets are matched on any of them (R40, L40)."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="identifiers")
    code = models.CharField(max_length=35, unique=True)
    primary = models.BooleanField(default=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency"], condition=Q(primary=True), name="directory_one_primary_identifier"
            )
        ]

    def __str__(self) -> str:
        return self.code


class OrgUnit(Entity):
    """A unit inside an agency; not an address on the axis (R69)."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="units")
    name = models.CharField("tên đơn vị", max_length=200)
    abbreviation = models.CharField("chữ viết tắt", max_length=30, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class WorkField(Entity):
    """A field of work (lĩnh vực) by which the head of an agency shares out what is signed (NĐ 30/2020 Đ13.2).

    Documents that ``unit_ids`` draft are of this field unless somebody says otherwise, else those of ``type_codes``.
    Never deleted: what is closed is not offered any more.
    """

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="work_fields")
    name = models.CharField("tên lĩnh vực", max_length=150)
    unit_ids: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    type_codes: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "name"], name="directory_field_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class PersonManager(BaseUserManager["Person"]):
    """Creates accounts the way the seeding and the administrator's page do."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Person:
        """Create an account; without a password nobody can sign in with one."""
        person = self.model(username=username, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> Person:
        """Sign-in names are compared without case."""
        return self.get(username__iexact=username)


class Person(AbstractBaseUser):
    """A cadre, civil servant, public employee or worker with an account (R60)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField("tên đăng nhập", max_length=150, unique=True)
    full_name = models.CharField("họ và tên", max_length=100)
    email = models.EmailField("thư điện tử", blank=True)
    is_active = models.BooleanField("đang hoạt động", default=True)
    language = models.CharField("ngôn ngữ", max_length=5, default="vi")

    objects = PersonManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    def __str__(self) -> str:
        return self.full_name


class Post(Entity):
    """A person's post in an agency: position, unit, roles, authority to sign. Every act carries it (R60)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="posts")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="posts")
    unit = models.ForeignKey(OrgUnit, null=True, blank=True, on_delete=models.PROTECT, related_name="posts")
    position = models.CharField("chức vụ", max_length=100)
    competence = models.CharField("thẩm quyền ký", max_length=100, blank=True)
    roles: models.JSONField[list[str], list[str]] = models.JSONField("vai trò", default=list)
    active = models.BooleanField("đang giữ", default=True)
    order = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ["order", "id"]
        indexes = [models.Index(fields=["agency", "active"], name="directory_post_agency")]

    def __str__(self) -> str:
        return f"{self.person.full_name}, {self.position}"

    def has(self, role: Role) -> bool:
        """Whether the post holds the role."""
        return role.value in self.roles
