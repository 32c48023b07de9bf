"""The forms of the operator's pages for members and agencies. They decide nothing."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from vanthu.axis.models import Area, Member, NoteKind
from vanthu.evidence import BadKey, verifying_key
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


class KeyForm(forms.Form):
    """A public key of a member."""

    key = forms.CharField(
        label=_("Khóa công khai (JWK hoặc PEM)"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text=_("Ed25519 hoặc P-256, chỉ nửa công khai."),
    )

    def clean_key(self) -> dict[str, Any]:
        """The public JWK; a private key is never taken."""
        text: str = self.cleaned_data["key"].strip()
        try:
            given = json.loads(text) if text.startswith("{") else text
            if "PRIVATE" in text or (isinstance(given, dict) and "d" in given):
                raise forms.ValidationError(
                    _(
                        "Đây là khóa riêng. Khóa này coi như đã lộ: bên kết nối tạo khóa mới, chỉ gửi nửa công khai."
                    )
                )
            return verifying_key(given).as_dict(private=False)
        except (ValueError, BadKey):
            raise forms.ValidationError(
                _("Không đọc được khóa. Cần JWK hoặc PEM của Ed25519 hay P-256.")
            ) from None


class WebhookForm(forms.Form):
    """An address that is called when something waits for a member."""

    url = forms.CharField(
        label=_("Địa chỉ báo tin"),
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )


class MemberField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A member system by its system id; the line to the parent axis is none that serves agencies here."""

    def __init__(self, **named: Any) -> None:
        super().__init__(to_field_name="system_id", empty_label=None, **named)

    def label_from_instance(self, obj: Member) -> str:
        """Id and name."""
        return f"{obj.system_id} – {obj.name}"


class AgencyForm(forms.Form):
    """An agency: who it is, below whom, under which codes, served by which system."""

    code = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        label=_("Mã định danh"),
        max_length=35,
        help_text=_("Theo QĐ 20/2020/QĐ-TTg, ví dụ H27.14."),
    )
    name = forms.CharField(label=_("Tên cơ quan"), max_length=200)
    parent_code = forms.CharField(label=_("Mã cơ quan cấp trên"), max_length=35, required=False)
    email = forms.EmailField(label=_("Thư điện tử"), max_length=100, required=False)
    member = MemberField(label=_("Hệ thống thành viên"), queryset=Member.objects.filter(parent=None))
    old_codes = forms.CharField(
        label=_("Mã trước đây"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "Mỗi dòng một mã, thuộc mọi thế hệ (ví dụ 000.14.00.H27). Gói tin gửi theo mã này vẫn tới."
        ),
    )
    valid_from = forms.DateField(
        label=_("Hoạt động từ ngày"),
        required=False,
        help_text=_("Để trống nếu đang hoạt động."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_old_codes(self) -> tuple[str, ...]:
        """The codes, each once."""
        codes = tuple(dict.fromkeys(self.cleaned_data["old_codes"].replace(",", "\n").split()))
        if any(len(code) > 35 for code in codes):
            raise forms.ValidationError(_("Mỗi mã dài nhất 35 ký tự."))
        return codes


class RecodeForm(forms.Form):
    """Another code, from a day on."""

    new_code = forms.RegexField(r"^[A-Za-z0-9][A-Za-z0-9._-]*$", label=_("Mã mới"), max_length=35)
    since = forms.DateField(
        label=_("Dùng từ ngày"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class CarryForm(forms.Form):
    """Why an agency is live without a trial here."""

    reason = forms.CharField(
        label=_("Căn cứ"),
        max_length=500,
        help_text=_("Quyết định nào, đã trao đổi qua trục nào."),
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


class DissolveForm(forms.Form):
    """The last day of an agency that nobody follows, and by which decision."""

    last_day = forms.DateField(
        label=_("Ngày cuối cùng hoạt động"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    decision = forms.CharField(
        label=_("Quyết định giải thể"),
        min_length=5,
        max_length=200,
        help_text=_("Số, ngày, cơ quan ban hành; bên gửi đọc được khi gói tin bị từ chối."),
    )


class DissolveConfirmedForm(DissolveForm):
    """The second step: the same, with the agency's code typed once more."""

    typed = forms.CharField(label=_("Gõ lại mã cơ quan để xác nhận"), max_length=35)

    def __init__(self, *args: Any, code: str, **named: Any) -> None:
        super().__init__(*args, **named)
        self._code = code
        for name in ("last_day", "decision"):
            self.fields[name].widget = forms.HiddenInput()

    def clean_typed(self) -> str:
        """It must be the code of this very agency."""
        typed: str = self.cleaned_data["typed"].strip()
        if typed != self._code:
            raise forms.ValidationError(_("Mã gõ vào khác mã cơ quan này."))
        return typed


class MergeForm(forms.Form):
    """Who follows the agency, and its last day."""

    into = forms.CharField(label=_("Mã cơ quan kế thừa"), max_length=35)
    last_day = forms.DateField(
        label=_("Ngày cuối cùng hoạt động"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
