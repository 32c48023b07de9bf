"""The forms of the operator's pages for members and agencies. They decide nothing."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from vanthu.axis.models import Area, NoteKind
from vanthu.web.words import said


class MemberForm(forms.Form):
    """A new member."""

    code = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        label=_("Mã hệ thống (SystemId)"),
        max_length=35,
        help_text=_("Thường là mã định danh của cơ quan quản lý hệ thống, ví dụ H27."),
    )
    name = forms.CharField(label=_("Tên hệ thống"), max_length=200)


class TermsForm(forms.Form):
    """Name and limits; an empty limit is the site's, 0 none."""

    name = forms.CharField(label=_("Tên hệ thống"), max_length=200)
    calls_per_minute = forms.IntegerField(
        label=_("Số lời gọi mỗi phút"), min_value=0, required=False, max_value=10_000_000
    )
    megabytes_per_minute = forms.IntegerField(
        label=_("Số MB gửi mỗi phút"), min_value=0, required=False, max_value=1_000_000
    )
    max_packet_mb = forms.IntegerField(
        label=_("Số MB mỗi gói tin"), min_value=1, required=False, max_value=100_000
    )
    concurrent_calls = forms.IntegerField(
        label=_("Số lời gọi cùng lúc"), min_value=0, required=False, max_value=1000
    )
    queue_limit = forms.IntegerField(
        label=_("Số gói tin được chờ"), min_value=0, required=False, max_value=100_000_000
    )
    fresh_stamps = forms.BooleanField(
        label=_("Phần mềm tạo dấu thời gian mới cho mỗi lời gọi (chặn phát lại)"), required=False
    )


class RenewForm(forms.Form):
    """How long the old secret goes on working."""

    keep_hours = forms.TypedChoiceField(
        label=_("Khóa cũ dùng được thêm"),
        coerce=int,
        initial=168,
        choices=[
            (168, _("7 ngày (sau lần đầu dùng khóa mới: 1 ngày)")),
            (24, _("1 ngày")),
            (1, _("1 giờ")),
            (0, _("Không: khóa đã lộ, ngừng ngay")),
        ],
    )


class SurveyForm(forms.Form):
    """What an agency lacks, by area; empty: in place."""

    def __init__(self, *args: object, **named: object) -> None:
        super().__init__(*args, **named)  # type: ignore[arg-type]
        for area in Area:
            self.fields[area.value] = forms.CharField(
                label=said(area.label), required=False, max_length=500, help_text=_("Để trống nếu đã đạt.")
            )

    def lacks(self) -> dict[Area, str]:
        """The areas where something is missing, and what."""
        return {area: self.cleaned_data[area.value] for area in Area if self.cleaned_data[area.value]}


class CareForm(forms.Form):
    """A line of the support log."""

    kind = forms.ChoiceField(
        label=_("Việc"),
        choices=[(kind.value, kind.label) for kind in NoteKind if kind != NoteKind.SURVEY],
    )
    text = forms.CharField(label=_("Nội dung"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    remind_on = forms.DateField(
        label=_("Nhắc lại ngày"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class MergeForm(forms.Form):
    """Who follows the agency, and its last day."""

    into = forms.CharField(label=_("Mã cơ quan kế thừa"), max_length=35)
    last_day = forms.DateField(
        label=_("Ngày cuối cùng hoạt động"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
