"""The forms over a document that is out: take back, recall, update, decide against it. They decide nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from vanthu.exchange.models import Delivery
from vanthu.formalities import Urgency
from vanthu.issuing.forms import KeyList
from vanthu.issuing.rules import UpdateData
from vanthu.records.models import Document
from vanthu.vietnamese import nfc
from vanthu.web.words import said


def _reason(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "required": True}),
        help_text=_("Nơi nhận sẽ thấy nguyên văn nội dung này."),
    )


class RecallForm(forms.Form):
    """Why a document is recalled, and by which paper that was decided."""

    reason = _reason(_("Lý do thu hồi"))
    decision = forms.CharField(
        label=_("Văn bản quyết định thu hồi (nếu có)"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": "15/TB-UBND, 20/11/2026"}),
    )


class DropForm(forms.Form):
    """Why the leader decides against it."""

    reason = forms.CharField(
        label=_("Lý do không đồng ý"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class KeysField(forms.MultipleChoiceField):
    """Several keys out of those offered; what is not offered is left to the action, which knows more."""

    def valid_value(self, value: Any) -> bool:
        """Whether the value reads as a key."""
        try:
            UUID(str(value))
        except ValueError:
            return False
        return True


class TakeBackForm(forms.Form):
    """Of whom a wrongly sent document is asked back, and why."""

    deliveries = KeysField(
        label=_("Nơi nhận chưa vào sổ"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = _reason(_("Lý do lấy lại"))

    def __init__(self, *args: Any, eligible: Sequence[Delivery] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["deliveries"]
        assert isinstance(field, KeysField)
        field.choices = [(str(delivery.pk), delivery.recipient.name) for delivery in eligible]
        if len(eligible) == 1:
            field.initial = [str(eligible[0].pk)]

    def keys(self) -> list[UUID]:
        """The chosen deliveries; call when the form is valid."""
        return [UUID(key) for key in self.cleaned_data["deliveries"]]


class UpdateForm(forms.Form):
    """What is said of an issued document from now on, whom it also goes to, and who is taken off."""

    subject = forms.CharField(
        label=_("Trích yếu nội dung"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    urgency = forms.TypedChoiceField(
        label=_("Mức độ khẩn"),
        choices=lambda: [(level.value, said(level.label)) for level in Urgency],
        coerce=int,
    )
    reply_due = forms.DateField(
        label=_("Hạn trả lời"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    distribution = forms.CharField(
        label=_("Nơi nhận ghi trên văn bản"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    added = KeyList(label=_("Gửi thêm, mỗi nơi nhận toàn bộ văn bản"), required=False)
    removed = KeysField(
        label=_("Bỏ nơi nhận"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nơi bị bỏ được yêu cầu hủy văn bản."),
    )
    reason = _reason(_("Lý do cập nhật"))

    def __init__(
        self, *args: Any, document: Document | None = None, holding: Sequence[Delivery] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["removed"]
        assert isinstance(field, KeysField)
        field.choices = [(str(delivery.recipient_id), delivery.recipient.name) for delivery in holding]
        if document is not None:
            self.initial = {
                "subject": document.subject,
                "urgency": document.urgency,
                "reply_due": document.reply_due,
                "distribution": "\n".join(document.distribution),
            }

    def data_entered(self) -> UpdateData:
        """What was typed, for the action; call when the form is valid."""
        given = self.cleaned_data
        due: date | None = given["reply_due"]
        return UpdateData(
            subject=nfc(given["subject"]),
            urgency=given["urgency"],
            reply_due=due,
            distribution=tuple(nfc(given["distribution"]).splitlines()),
            added=tuple(given["added"]),
            removed=tuple(given["removed"]),
        )
