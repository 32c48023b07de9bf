"""What clerks enter about channels: a side that is not ready, a line of the list of accompanying paper."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from vanthu.base import clock
from vanthu.directory import queries as directory
from vanthu.directory.models import Agency
from vanthu.errors import VanthuError
from vanthu.exchange.models import Cause
from vanthu.formalities import DOCUMENT_TYPES
from vanthu.web.words import said

DATE = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class CodeField(forms.CharField):
    """An agency by its identifier of any generation; empty: nobody in particular."""

    def __init__(self, **given: Any) -> None:
        super().__init__(required=False, max_length=35, **given)

    def clean(self, value: Any) -> Agency | None:
        code = super().clean(value)
        if not code:
            return None
        try:
            return directory.agency_by_code(code)
        except VanthuError as error:
            raise forms.ValidationError(said(error.text)) from error


class NotReadyForm(forms.Form):
    """Why a side cannot exchange electronically."""

    organ_id = CodeField(
        label=_("Mã định danh nơi nhận"), help_text=_("Để trống nếu cơ quan mình chưa sẵn sàng.")
    )
    cause = forms.ChoiceField(
        label=_("Nguyên nhân"), choices=lambda: [(value, said(label)) for value, label in Cause.choices]
    )
    since = forms.DateField(label=_("Từ ngày"), initial=clock.today, widget=DATE)
    reason = forms.CharField(label=_("Lý do"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    evidence = forms.CharField(
        label=_("Căn cứ"), max_length=500, help_text=_("Văn bản, biên bản hoặc phiếu báo sự cố.")
    )


def _types() -> list[tuple[str, str]]:
    named = [(kind.code, said(kind.label)) for kind in DOCUMENT_TYPES.values() if kind.issuable]
    return [("", str(_("Mọi loại văn bản"))), *named]


class PaperListForm(forms.Form):
    """A line of the head's list."""

    decision = forms.CharField(label=_("Văn bản quyết định"), max_length=200)
    type_code = forms.ChoiceField(label=_("Loại văn bản"), choices=_types, required=False)
    organ_id = CodeField(
        label=_("Mã định danh nơi nhận"), help_text=_("Để trống nếu áp dụng cho mọi nơi nhận.")
    )
    since = forms.DateField(label=_("Từ ngày"), initial=clock.today, widget=DATE)
    until = forms.DateField(label=_("Đến trước ngày"), required=False, widget=DATE)
