"""State of the key devices: the register, who had which device when, what was lost (R66–R67; NĐ 30/2020 Đ32)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from vanthu.base.models import Entity
from vanthu.blobs.fields import BlobField
from vanthu.directory.models import Agency, Post
from vanthu.records.models import RegisterEntry


class DeviceKind(models.TextChoices):
    """What keeps the private key."""

    TOKEN = "TOKEN", "USB Token"
    CARD = "CARD", "Thẻ hoặc SIM ký số"
    HSM = "HSM", "Thiết bị HSM"
    REMOTE = "REMOTE", "Dịch vụ ký số từ xa"
    FILE = "FILE", "Tệp khóa PKCS#12"


class DeviceState(models.TextChoices):
    """Where a device stands; nothing is ever deleted from the register."""

    UNASSIGNED = "UNASSIGNED", "Chưa giao"
    IN_USE = "IN_USE", "Đang sử dụng"
    RETURNED = "RETURNED", "Đã thu lại"
    LOST = "LOST", "Báo mất"
    REVOKED = "REVOKED", "Đã thu hồi chứng thư"
    DESTROYED = "DESTROYED", "Đã hủy"


class KeyDevice(Entity):
    """A device that keeps private keys: the agency's own (``owner`` empty), or one of a person.

    ``custodian`` is who keeps it now. The keys in it are :class:`SigningKey` rows that name it.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="key_devices")
    kind = models.CharField(max_length=10, choices=DeviceKind)
    serial = models.CharField("số hiệu", max_length=80)
    label = models.CharField("tên gọi", max_length=120, blank=True)
    owner = models.ForeignKey(Post, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    custodian = models.ForeignKey(
        Post, null=True, blank=True, on_delete=models.PROTECT, related_name="kept_devices"
    )
    kept_since = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=DeviceState, default=DeviceState.UNASSIGNED)
    registered_by_name = models.CharField(max_length=200)
    registered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "serial"], name="signing_device_serial"),
            models.CheckConstraint(
                condition=~Q(state="IN_USE") | Q(custodian__isnull=False),
                name="signing_device_in_use_is_kept",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label or self.serial}"


class Handover(Entity):
    """A hand-over of a device, which takes effect when both sides have confirmed (NĐ 30/2020 Đ32.2b).

    ``permission`` cites the writing that allows it; ``regulation`` the agency's rule under which somebody else keeps
    a person's device (R67). ``giver`` is empty when the agency gives the device out for the first time. ``entry``,
    ``code`` and ``minutes_sha256`` are the numbered minutes, kept when the second side confirms.
    """

    device = models.ForeignKey(KeyDevice, on_delete=models.PROTECT, related_name="handovers")
    giver = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    taker = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    permission = models.CharField(max_length=300, blank=True)
    regulation = models.CharField(max_length=300, blank=True)
    place = models.CharField(max_length=200, blank=True)
    condition = models.CharField(max_length=500, blank=True)
    proposed_by_name = models.CharField(max_length=200)
    proposed_at = models.DateTimeField()
    giver_name = models.CharField(max_length=200, blank=True)
    given_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=300, blank=True)
    entry = models.OneToOneField(RegisterEntry, null=True, on_delete=models.PROTECT, related_name="handover")
    code = models.CharField("số biên bản", max_length=80, blank=True)
    minutes_sha256 = BlobField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device"],
                condition=Q(done_at=None, cancelled_at=None),
                name="signing_one_open_handover",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} → {self.taker_id}"


class DeviceLoss(Entity):
    """A device was reported lost: since when it may be in foreign hands, what was done at once."""

    device = models.OneToOneField(KeyDevice, on_delete=models.PROTECT, related_name="loss")
    lost_at = models.DateTimeField()
    circumstances = models.CharField(max_length=1000)
    reported_by_name = models.CharField(max_length=200)
    reported_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"loss of {self.device_id}"
