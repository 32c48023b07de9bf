"""An agency's way onto the axis: surveys and what they found missing, support given, trials passed (R195-R198)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from vanthu.axis.models.members import AxisAgency
from vanthu.base.models import Entity


class Area(models.TextChoices):
    """What a survey looks at; the reasons for which the law allows paper instead (QĐ 28/2018, R180)."""

    INFRASTRUCTURE = "INFRASTRUCTURE", "Hạ tầng"
    TECHNOLOGY = "TECHNOLOGY", "Phần mềm"
    SECURITY = "SECURITY", "Chứng thư số, an toàn thông tin"
    INTERCONNECTION = "INTERCONNECTION", "Kết nối mạng"


class Gap(Entity):
    """Something that an agency lacks; closed by a later survey that finds it in place."""

    agency = models.ForeignKey(AxisAgency, on_delete=models.CASCADE, related_name="gaps")
    area = models.CharField("mặt khảo sát", max_length=16, choices=Area)
    lack = models.CharField("còn thiếu", max_length=500)
    found_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "area"], condition=Q(closed_at=None), name="axis_gap_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.area}: {self.lack}"


class NoteKind(models.TextChoices):
    """What was done for an agency."""

    SURVEY = "SURVEY", "Khảo sát"
    SUPPORT = "SUPPORT", "Hỗ trợ"
    REMINDER = "REMINDER", "Nhắc, đôn đốc"
    INSPECTION = "INSPECTION", "Kiểm tra"


class CareNote(Entity):
    """One line of an agency's support log; never changed."""

    agency = models.ForeignKey(AxisAgency, on_delete=models.CASCADE, related_name="care_notes")
    kind = models.CharField("việc", max_length=10, choices=NoteKind)
    text = models.CharField("nội dung", max_length=1000)
    by = models.CharField("người ghi", max_length=200)
    at = models.DateTimeField("lúc")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.text


class TrialItem(models.TextChoices):
    """What an agency must have shown by real traffic before it goes live (R195)."""

    SEND = "SEND", "Gửi văn bản"
    RECEIVE = "RECEIVE", "Nhận và xác nhận văn bản"
    STATUS_RECEIVED = "STATUS_RECEIVED", "Nhận và xác nhận trạng thái"
    STATUS_01 = "STATUS_01", "Gửi trạng thái 01: đã đến"
    STATUS_02 = "STATUS_02", "Gửi trạng thái 02: từ chối tiếp nhận"
    STATUS_03 = "STATUS_03", "Gửi trạng thái 03: đã tiếp nhận"
    STATUS_04 = "STATUS_04", "Gửi trạng thái 04: phân công"
    STATUS_05 = "STATUS_05", "Gửi trạng thái 05: đang xử lý"
    STATUS_06 = "STATUS_06", "Gửi trạng thái 06: hoàn thành"
    RECALL = "RECALL", "Thu hồi hoặc lấy lại văn bản"
    RECALL_ANSWERED = "RECALL_ANSWERED", "Trả lời yêu cầu lấy lại, thu hồi (15 hoặc 16)"


class TrialPass(Entity):
    """One item of an agency's trial, passed; names the packet that showed it."""

    agency = models.ForeignKey(AxisAgency, on_delete=models.CASCADE, related_name="trial_passes")
    item = models.CharField("nội dung thử", max_length=16, choices=TrialItem)
    packet_id = models.UUIDField("gói tin")
    passed_at = models.DateTimeField("lúc")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["agency", "item"], name="axis_trial_item_once")]

    def __str__(self) -> str:
        return self.item
