"""The forms of issuing: what a drafter types, and the short ones in dialogs. They decide nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vanthu.base.actors import Actor
from vanthu.directory.models import Post, WorkField
from vanthu.formalities import DOCUMENT_TYPES, DocumentType, Family, Steering, Urgency, types_of
from vanthu.issuing.queries import replaceable
from vanthu.issuing.rules import DraftData, FieldsWrong, ReplacedUnknown
from vanthu.records.models import CirculationRestriction
from vanthu.vietnamese import nfc
from vanthu.web.words import said

COMMON_TYPES = ("CONG_VAN", "QUYET_DINH", "KE_HOACH", "BAO_CAO", "TO_TRINH", "THONG_BAO", "GIAY_MOI")
"""What agencies issue most, offered first."""

MOST_RECIPIENTS = 500
"""A circular to every commune of a large province still fits."""

UPLOAD_TYPES = ".pdf,.docx"

F = TypeVar("F", bound=forms.Form)
Choices = list[tuple[str | Promise, list[tuple[str, str]]]]


def type_choices() -> Choices:
    """Document types in groups: the common ones, the other administrative ones, the legal normative ones."""
    common = [DOCUMENT_TYPES[code] for code in COMMON_TYPES]
    others = [kind for kind in types_of(Family.ADMINISTRATIVE) if kind not in common]
    normative = [kind for kind in types_of(Family.LEGAL_NORMATIVE) if kind.issuable]
    return [
        (_("Hay dùng"), _options(common)),
        (_("Văn bản hành chính khác"), _options(others)),
        (_("Văn bản quy phạm pháp luật"), _options(normative)),
    ]


def _options(kinds: Sequence[DocumentType]) -> list[tuple[str, str]]:
    return [(kind.code, said(kind.label)) for kind in kinds]


class KeyList(forms.Field):
    """Several directory keys under one name, in the order chosen, each once."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[str]:
        """The keys as text; unreadable ones are refused."""
        try:
            return [str(key) for key in dict.fromkeys(UUID(str(item)) for item in value or [])]
        except ValueError:
            raise forms.ValidationError(_("Có nơi nhận không đọc được; hãy chọn lại.")) from None


class DraftForm(forms.Form):
    """The fields of a draft. Only the type is demanded here: what is missing counts at submission."""

    type_code = forms.ChoiceField(label=_("Tên loại"), choices=type_choices, initial="CONG_VAN")
    subject = forms.CharField(
        label=_("Trích yếu nội dung"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )
    urgency = forms.TypedChoiceField(
        label=_("Mức độ khẩn"),
        choices=lambda: [(level.value, said(level.label)) for level in Urgency],
        coerce=int,
        initial=Urgency.NORMAL.value,
    )
    restriction = forms.ChoiceField(
        label=_("Chỉ dẫn phạm vi lưu hành"),
        choices=lambda: [(value, said(label)) for value, label in CirculationRestriction.choices],
        required=False,
        help_text=_("Văn bản có chỉ dẫn này không gửi qua mạng, chỉ gửi bản giấy."),
    )
    steering = forms.ChoiceField(
        label=_("Chỉ đạo, báo cáo"),
        choices=lambda: [(kind.value, said(kind.label)) for kind in Steering],
        required=False,
        help_text=_("Nơi nhận thấy và lọc được theo nhãn này."),
    )
    field_id = forms.ChoiceField(
        label=_("Lĩnh vực"),
        required=False,
        help_text=_("Người ký được giao theo lĩnh vực; để trống thì theo đơn vị hoặc loại văn bản."),
    )
    signer_id = forms.ChoiceField(label=_("Người ký"), required=False)
    issue_place = forms.CharField(label=_("Địa danh"), required=False, max_length=50)
    reply_due = forms.DateField(
        label=_("Hạn trả lời"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Khi cần nơi nhận trả lời."),
    )
    recipient_ids = KeyList(label=_("Gửi tới"), required=False)
    distribution = forms.CharField(
        label=_("Nơi nhận ghi trên văn bản"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Mỗi dòng một nơi nhận, như in ở cuối văn bản."),
    )
    note = forms.CharField(label=_("Ghi chú"), required=False, max_length=500)
    replaces = forms.CharField(
        label=_("Thay thế văn bản số"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 1, "placeholder": " "}),
        help_text=_("Số, ký hiệu văn bản đã phát hành, mỗi dòng một số; để trống nếu không thay thế."),
    )
    recall_left_out = forms.BooleanField(
        label=_("Khi phát hành, yêu cầu các nơi không nhận văn bản này trả lại văn bản bị thay thế"),
        required=False,
        initial=True,
    )
    recall_reason = forms.CharField(
        label=_("Lý do ghi trong yêu cầu trả lại"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 1}),
        help_text=_("Để trống thì ghi: được thay thế bởi văn bản này."),
    )
    reply_to_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        signers: Sequence[Post],
        areas: Sequence[WorkField] = (),
        actor: Actor | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.areas = actor, areas
        area = self.fields["field_id"]
        assert isinstance(area, forms.ChoiceField)
        area.choices = [("", _("Theo đơn vị, loại văn bản")), *((str(one.pk), one.name) for one in areas)]
        signer = self.fields["signer_id"]
        assert isinstance(signer, forms.ChoiceField)
        signer.choices = [("", _("Chọn người ký")), *((str(post.pk), signer_label(post)) for post in signers)]

    def clean_recipient_ids(self) -> list[str]:
        """At most as many as one document is ever sent to."""
        keys: list[str] = self.cleaned_data["recipient_ids"]
        if len(keys) > MOST_RECIPIENTS:
            raise forms.ValidationError(
                _("Một văn bản gửi tới nhiều nhất %(most)d nơi nhận.") % {"most": MOST_RECIPIENTS}
            )
        return keys

    def clean_replaces(self) -> str:
        """Numbers of issued documents only; the first unknown one is named."""
        typed: str = self.cleaned_data["replaces"]
        for code in _lines(nfc(typed)):
            if self.actor is not None and replaceable(self.actor, code) is None:
                raise forms.ValidationError(ReplacedUnknown(code=code).text)
        return typed

    def data_entered(self) -> DraftData:
        """What was typed, for the actions; call when the form is valid."""
        given = self.cleaned_data
        return DraftData(
            type_code=given["type_code"],
            subject=" ".join(nfc(given["subject"]).split()),
            urgency=given["urgency"],
            restriction=given["restriction"],
            steering=given["steering"],
            field_id=given["field_id"],
            issue_place=nfc(given["issue_place"]),
            signer_id=given["signer_id"],
            recipient_ids=tuple(given["recipient_ids"]),
            distribution=tuple(_lines(nfc(given["distribution"]))),
            reply_due=given["reply_due"],
            reply_to_id=str(given["reply_to_id"] or ""),
            replaces=tuple(dict.fromkeys(_lines(nfc(given["replaces"])))),
            recall_left_out=given["recall_left_out"],
            recall_reason=" ".join(nfc(given["recall_reason"]).split()),
            note=nfc(given["note"]),
        )


def initial_of(data: DraftData) -> dict[str, Any]:
    """The form's starting values for what a draft holds."""
    return {
        "type_code": data.type_code,
        "subject": data.subject,
        "urgency": data.urgency,
        "restriction": data.restriction,
        "steering": data.steering,
        "field_id": data.field_id,
        "issue_place": data.issue_place,
        "signer_id": data.signer_id,
        "recipient_ids": list(data.recipient_ids),
        "distribution": "\n".join(data.distribution),
        "reply_due": data.reply_due,
        "reply_to_id": data.reply_to_id or None,
        "replaces": "\n".join(data.replaces),
        "recall_left_out": data.recall_left_out,
        "recall_reason": data.recall_reason,
        "note": data.note,
    }


def signer_label(post: Post) -> str:
    """Name and position, as leaders are called: "Lê Quang Thắng – Phó Chủ tịch"."""
    return f"{post.person.full_name} – {post.position}"


def valid(form: F) -> F:
    """The form when it can be used; raises :class:`FieldsWrong` with the first thing that is wrong."""
    if not form.is_valid():
        name, found = next(iter(form.errors.items()))
        raise FieldsWrong(problem=f"{form.fields[name].label}: {found[0]}")
    return form


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class ReturnForm(forms.Form):
    """Why a draft goes back."""

    reason = forms.CharField(
        label=_("Lý do trả lại, nội dung cần sửa"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ReopenForm(forms.Form):
    """Why a signed document is taken back."""

    reason = forms.CharField(
        label=_("Lý do lấy lại, nội dung cần sửa"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Chữ ký và ý kiến duyệt trước đó hết hiệu lực; văn bản phải trình lại."),
    )


class DiscardForm(forms.Form):
    """Why a draft is given up."""

    reason = forms.CharField(
        label=_("Lý do (nếu cần)"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class CancelForm(forms.Form):
    """Why a document that has its number is given up."""

    reason = forms.CharField(
        label=_("Lý do hủy"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Ghi vào sổ đăng ký cạnh số đã cấp; những ai đã ký, đã soạn đều thấy."),
    )


class CommentForm(forms.Form):
    """A word on the document."""

    text = forms.CharField(
        label=_("Ý kiến của bạn"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
