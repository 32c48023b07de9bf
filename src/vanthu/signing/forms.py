"""What is entered about devices, authorities and certificates. The forms decide nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from vanthu.base import clock
from vanthu.directory.models import OrgUnit, Post, WorkField
from vanthu.formalities import Family, types_of
from vanthu.legal.authority import Prefix
from vanthu.pades import Category
from vanthu.signing.authority_models import Authority
from vanthu.signing.authority_rules import AuthorityData
from vanthu.signing.device_models import DeviceKind
from vanthu.signing.device_rules import HandoverData
from vanthu.signing.devices import DeviceData
from vanthu.signing.trust_lists import ListData
from vanthu.signing.trust_models import AuthorityCategory
from vanthu.signing.trust_rules import TrustListFieldsWrong, fingerprints_in
from vanthu.trustlists import LARGEST_LIST
from vanthu.web.words import said

DATE = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
GIVEN = (Prefix.TL, Prefix.TUQ, Prefix.KT)


def _choices(posts: Iterable[Post], empty: Any) -> list[tuple[str, Any]]:
    return [("", empty), *((str(post.pk), str(post)) for post in posts)]


class DeviceForm(forms.Form):
    """A device for the register."""

    kind = forms.ChoiceField(
        label=_("Loại thiết bị"),
        choices=lambda: [(value, said(label)) for value, label in DeviceKind.choices],
    )
    serial = forms.CharField(label=_("Số hiệu"), max_length=80, help_text=_("In trên thiết bị."))
    label = forms.CharField(label=_("Tên gọi"), max_length=120, required=False)
    owner = forms.ChoiceField(label=_("Của ai"), required=False)
    custodian = forms.ChoiceField(
        label=_("Người đang giữ"), required=False, help_text=_("Để trống nếu chưa giao cho ai.")
    )
    permission = forms.CharField(
        label=_("Văn bản giao"),
        max_length=300,
        required=False,
        help_text=_("Số, ngày, người ký; bắt buộc với thiết bị của cơ quan đã giao cho văn thư."),
    )

    def __init__(self, *args: Any, people: Sequence[Post], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, empty in (("owner", _("Cơ quan")), ("custodian", _("Chưa giao"))):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = _choices(people, empty)

    def entered(self) -> DeviceData:
        """The device as entered."""
        given = self.cleaned_data
        return DeviceData(
            kind=DeviceKind(given["kind"]),
            serial=given["serial"],
            label=given["label"],
            owner_id=UUID(given["owner"]) if given["owner"] else None,
            custodian_id=UUID(given["custodian"]) if given["custodian"] else None,
            said=HandoverData(permission=given["permission"]),
        )


class HandoverForm(forms.Form):
    """Whom a device goes to, on what paper."""

    taker = forms.ChoiceField(label=_("Người nhận"))
    permission = forms.CharField(
        label=_("Văn bản cho phép"),
        max_length=300,
        required=False,
        help_text=_("Số, ngày, người ký; bắt buộc với thiết bị của cơ quan."),
    )
    regulation = forms.CharField(
        label=_("Quy chế cho phép giữ thay"),
        max_length=300,
        required=False,
        help_text=_("Khi người khác giữ thiết bị của cá nhân."),
    )
    place = forms.CharField(label=_("Nơi bàn giao"), max_length=200, required=False)
    condition = forms.CharField(
        label=_("Tình trạng thiết bị"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, people: Sequence[Post], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        taker = self.fields["taker"]
        assert isinstance(taker, forms.ChoiceField)
        taker.choices = _choices(people, _("Chọn người nhận"))

    def entered(self) -> HandoverData:
        """What is said beside who gives to whom."""
        given = self.cleaned_data
        return HandoverData(*(given[name] for name in ("permission", "regulation", "place", "condition")))


class LossForm(forms.Form):
    """Since when a device is lost, and how."""

    lost_at = forms.DateTimeField(
        label=_("Mất từ lúc"),
        help_text=_("Lúc cuối cùng chắc chắn còn giữ thiết bị. Chữ ký từ lúc này được đưa ra rà soát."),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )
    circumstances = forms.CharField(
        label=_("Hoàn cảnh"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReasonForm(forms.Form):
    """A reason, an answer, a way of telling: one short text."""

    reason = forms.CharField(label=_("Lý do"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class AuthorityForm(forms.Form):
    """A writing by which somebody may sign (NĐ 30/2020 Đ13)."""

    post = forms.ChoiceField(label=_("Người được giao ký"))
    given = forms.ChoiceField(
        label=_("Thẩm quyền"),
        choices=lambda: [(one.value, f"{one.printed} {said(one.label)}") for one in GIVEN],
    )
    under = forms.ChoiceField(
        label=_("Giao lại trong lệnh"),
        required=False,
        help_text=_("Khi người được ký thừa lệnh giao cấp phó trong đơn vị ký thay (KT.)."),
    )
    basis = forms.CharField(
        label=_("Văn bản giao ký"), max_length=300, help_text=_("Tên, số, ngày; ví dụ quy chế làm việc.")
    )
    type_codes = forms.MultipleChoiceField(
        label=_("Loại văn bản"),
        required=False,
        choices=lambda: [(kind.code, said(kind.label)) for kind in types_of(Family.ADMINISTRATIVE)],
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("Bắt buộc với TL. và TUQ.; giữ phím Ctrl để chọn nhiều loại."),
    )
    unit_ids = forms.MultipleChoiceField(
        label=_("Chỉ văn bản do đơn vị soạn thảo"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    field_ids = forms.MultipleChoiceField(
        label=_("Chỉ lĩnh vực"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Kiểm tra ngay lúc ký; để trống là mọi lĩnh vực."),
    )
    scope = forms.CharField(
        label=_("Nội dung, lĩnh vực"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    since = forms.DateField(label=_("Từ ngày"), initial=clock.today, widget=DATE)
    until = forms.DateField(
        label=_("Đến hết ngày"), required=False, widget=DATE, help_text=_("Bắt buộc với TUQ.")
    )

    def __init__(
        self,
        *args: Any,
        people: Sequence[Post],
        units: Sequence[OrgUnit],
        orders: Sequence[Authority],
        areas: Sequence[WorkField],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = {
            "post": _choices(people, _("Chọn người")),
            "unit_ids": [(str(unit.pk), unit.name) for unit in units],
            "field_ids": [(str(area.pk), area.name) for area in areas],
            "under": [("", _("Không")), *((str(one.pk), f"{one.post} ({one.basis})") for one in orders)],
        }
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = offered

    def entered(self) -> AuthorityData:
        """The authority as entered."""
        given = self.cleaned_data
        return AuthorityData(
            post_id=given["post"],
            prefix=Prefix(given["given"]),
            basis=given["basis"],
            since=given["since"],
            until=given["until"],
            type_codes=tuple(given["type_codes"]),
            unit_ids=tuple(given["unit_ids"]),
            field_ids=tuple(given["field_ids"]),
            scope=given["scope"],
            under_id=given["under"],
        )


class TrustListForm(forms.Form):
    """A trusted list to believe: where it is, who signs it, whose authorities it names."""

    name = forms.CharField(label=_("Tên danh sách"), max_length=120)
    category = forms.ChoiceField(
        label=_("Loại tổ chức chứng thực"),
        choices=lambda: [("", _("Chọn loại")), *((one.value, said(one.label)) for one in AuthorityCategory)],
        help_text=_(
            "Cơ quan nhà nước ký bằng chữ ký số chuyên dùng công vụ; chứng thư công cộng chỉ nhận từ nơi khác."
        ),
    )
    url = forms.CharField(
        label=_("Địa chỉ (https)"),
        max_length=500,
        required=False,
        help_text=_("Hệ thống tự xem bản mới sáu giờ một lần. Để trống nếu tải tệp lên."),
    )
    content = forms.FileField(label=_("Tệp danh sách (XML)"), required=False)
    fingerprint = forms.CharField(
        label=_("Dấu vân tay SHA-256 của chứng thư ký danh sách"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "Lấy từ nơi quản lý danh sách bằng đường khác (văn bản, trang chính thức); mỗi dòng một dấu vân tay."
        ),
    )
    certificate = forms.FileField(label=_("Hoặc tệp chứng thư ký danh sách (.cer, .pem)"), required=False)

    def entered(self) -> ListData:
        """The list as entered. Raises ``TrustListFieldsWrong``."""
        given = self.cleaned_data
        signers = [
            *given["fingerprint"].splitlines(),
            *fingerprints_in(read_file(given["certificate"], 200_000)),
        ]
        return ListData(
            name=given["name"],
            category=Category(given["category"]),
            signers=tuple(signers),
            url=given["url"],
            content=read_file(given["content"], LARGEST_LIST) if given["content"] else None,
        )


def read_file(file: Any, largest: int) -> bytes:
    """What was uploaded; empty without a file. Raises ``TrustListFieldsWrong`` for one that is too large."""
    if not file:
        return b""
    if (file.size or 0) > largest:
        raise TrustListFieldsWrong(problem=_("Tệp lớn hơn %(n)d MB.") % {"n": largest >> 20 or 1})
    return bytes(file.read())


class WorkFieldForm(forms.Form):
    """A field of work for the catalogue."""

    name = forms.CharField(label=_("Tên lĩnh vực"), max_length=150)
    unit_ids = forms.MultipleChoiceField(
        label=_("Đơn vị phụ trách"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Văn bản do đơn vị này soạn thảo thuộc lĩnh vực này, trừ khi người soạn thảo chọn khác."),
    )
    type_codes = forms.MultipleChoiceField(
        label=_("Loại văn bản"),
        required=False,
        choices=lambda: [(kind.code, said(kind.label)) for kind in types_of(Family.ADMINISTRATIVE)],
        widget=forms.SelectMultiple(attrs={"size": 5}),
        help_text=_("Khi không có đơn vị nào phụ trách; giữ phím Ctrl để chọn nhiều loại."),
    )

    def __init__(self, *args: Any, units: Sequence[OrgUnit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit_ids"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(unit.pk), unit.name) for unit in units]
