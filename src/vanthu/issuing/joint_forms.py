"""The forms of joint documents: another agency with its signer, their order, a file that came back. Decide nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from vanthu.directory.models import Agency, Post
from vanthu.issuing.forms import signer_label


class CoIssuerForm(forms.Form):
    """The signer of one agency: chosen among those of an agency of this site, typed for one elsewhere."""

    agency_id = forms.UUIDField(widget=forms.HiddenInput)
    post_id = forms.ChoiceField(label=_("Người ký"), required=False)
    signer_name = forms.CharField(
        label=_("Họ và tên người ký"),
        required=False,
        max_length=100,
        help_text=_("Đúng như in trên văn bản và trong chứng thư số."),
    )
    signer_position = forms.CharField(label=_("Chức vụ"), required=False, max_length=200)
    signer_competence = forms.CharField(
        label=_("Quyền hạn ký"), required=False, max_length=100, help_text=_("Ví dụ: KT. GIÁM ĐỐC")
    )

    def __init__(self, *args: Any, agency: Agency, posts: Sequence[Post], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if agency.hosted:
            for name in ("signer_name", "signer_position", "signer_competence"):
                del self.fields[name]
            choice = self.fields["post_id"]
            assert isinstance(choice, forms.ChoiceField)
            choice.choices = [
                ("", _("Chọn người ký")),
                *((str(post.pk), signer_label(post)) for post in posts),
            ]
        else:
            del self.fields["post_id"]


class LeaveForm(forms.Form):
    """Why an agency withdraws from a document that it has signed."""

    reason = forms.CharField(
        label=_("Lý do rút"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Cơ quan chủ trì sẽ thấy nguyên văn nội dung này."),
    )


class OutsideForm(forms.Form):
    """The file as an agency elsewhere signed it."""

    file = forms.FileField(
        label=_("Tệp đã ký"),
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf"}),
        help_text=_("Chính tệp tải ở trên, thêm đúng một chữ ký số vào ô của cơ quan này."),
    )
