"""Forms of the handling room: refusing, directing, reporting."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.directory import queries as directory
from vanthu.directory.models import Post
from vanthu.handling.models import RejectReason
from vanthu.legal.calendars import calendar_at
from vanthu.signing.agents import address
from vanthu.signing.key_forms import agent_words
from vanthu.web.words import said


class RegisterForm(forms.Form):
    """To whom the registered document is submitted."""

    submit_to = forms.ModelChoiceField(
        label=pgettext_lazy("người nhận", "Trình"), queryset=Post.objects.none(), empty_label=None
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["submit_to"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = directory.holders(actor.agency_id, Role.LEADER)


def _reasons() -> list[tuple[str, str]]:
    return [(reason.value, said(reason.label)) for reason in RejectReason]


class RejectForm(forms.Form):
    """A coded reason and a text the sender can act on (R17)."""

    code = forms.ChoiceField(label=_("Lý do"), choices=_reasons)
    reason = forms.CharField(
        label=_("Nội dung gửi lại bên gửi"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Bên gửi sẽ thấy nguyên văn nội dung này."),
    )


class OpenForm(forms.Form):
    """Opens the agency's key for what was encrypted for it; never kept or shown again."""

    secret = forms.CharField(
        label=_("Mật khẩu hoặc mã PIN của khóa mã hóa"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "autofocus": True}),
    )


class HolderForm(forms.Form):
    """Who has the token that opens."""

    holder = forms.ModelChoiceField(
        label=_("Người đang giữ thiết bị"), queryset=Post.objects.none(), empty_label=_("Chọn người")
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["holder"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = directory.colleagues(actor.agency_id).exclude(pk=actor.own_post)


class OpenElsewhereForm(forms.Form):
    """Nothing is typed: a token in somebody's own computer opens, through vanthu-agent."""

    agent_address = property(lambda _self: address())
    agent_words = property(lambda _self: agent_words())


class RefuseChangeForm(forms.Form):
    """Why what the sender asks is refused (status 16)."""

    reason = forms.CharField(
        label=_("Lý do từ chối"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "required": True}),
        help_text=_("Bên gửi sẽ thấy nguyên văn nội dung này."),
    )


class DestroyForm(forms.Form):
    """Why the content of a recalled document is destroyed, or is not."""

    reason = forms.CharField(
        label=_("Lý do"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "required": True}),
        help_text=_("Ghi vào biên bản và lưu cùng diễn biến của văn bản."),
    )


class DirectiveForm(forms.Form):
    """The leader's directive: lead, collaborators, for information, deadline, text (R89)."""

    lead = forms.ModelChoiceField(
        label=_("Chủ trì"), queryset=Post.objects.none(), empty_label=_("Chọn người")
    )
    collaborators = forms.ModelMultipleChoiceField(
        label=_("Phối hợp"),
        queryset=Post.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    informed = forms.ModelMultipleChoiceField(
        label=_("Để biết"),
        queryset=Post.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    due = forms.DateField(
        label=_("Thời hạn"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Tính hết giờ làm việc của ngày này."),
    )
    text = forms.CharField(label=_("Ý kiến chỉ đạo"), widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = directory.colleagues(actor.agency_id).exclude(pk=actor.own_post)
        for name in ("lead", "collaborators", "informed"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = people
        self.fields["due"].initial = clock.today() + timedelta(days=7)

    def asked(self) -> dict[str, Any]:
        """The arguments of ``actions.direct``."""
        said = self.cleaned_data
        return {
            "text": said["text"],
            "lead": said["lead"].pk,
            "collaborators": _keys(said["collaborators"]),
            "informed": _keys(said["informed"]),
            "due_at": end_of_work(said["due"]) if said["due"] else None,
        }


class ResultForm(forms.Form):
    """What came of the work."""

    result = forms.CharField(
        label=_("Kết quả xử lý"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Bỏ trống được khi đã phát hành văn bản trả lời."),
    )


class NoteForm(forms.Form):
    """How the work stands."""

    text = forms.CharField(label=_("Nội dung"), widget=forms.Textarea(attrs={"rows": 3}))


def end_of_work(day: Any) -> datetime:
    """The end of office hours of a day, legal time (the day's own end when nobody works on it)."""
    noon = datetime.combine(day, time(12), clock.VIETNAM)
    calendar = calendar_at(noon)
    if calendar.is_working(day):
        return calendar.day_end(day)
    return datetime.combine(day, time(23, 59, 59), clock.VIETNAM)


def _keys(posts: Any) -> list[UUID]:
    return [post.pk for post in posts]
