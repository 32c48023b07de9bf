"""What a clerk types to make a copy. Decides nothing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from vanthu.copying.models import Form, Way
from vanthu.copying.rules import Wanted
from vanthu.errors import VanthuError
from vanthu.signing import keys
from vanthu.signing.authority_queries import signers
from vanthu.signing.key_forms import secret
from vanthu.vietnamese import nfc
from vanthu.web.words import said


class CopyFileTooLarge(VanthuError):
    """Over the site's limit."""

    code = "COPY_FILE_TOO_LARGE"
    message = "Tệp vượt giới hạn {limit} MB. Hãy quét lại với dung lượng nhỏ hơn."
    http_status = 413


def require_size(size: int) -> None:
    """Refuse pages by their size in bytes before anything is read. Raises :class:`CopyFileTooLarge`."""
    limit = settings.VANTHU.max_upload_mb
    if size > limit << 20:
        raise CopyFileTooLarge(limit=limit)


class CopyForm(forms.Form):
    """A copy of a document of the system, or (``from_paper``) of a paper that it does not hold."""

    way = forms.ChoiceField(label=_("Hướng sao"), widget=forms.RadioSelect)
    form = forms.ChoiceField(label=_("Hình thức sao"), widget=forms.RadioSelect)
    signer = forms.ChoiceField(
        label=_("Người ký bản sao"),
        help_text=_("Người đứng đầu cơ quan quy định ai được ký (NĐ 30/2020 Điều 27)."),
    )
    source_code = forms.CharField(label=_("Số, ký hiệu văn bản"), max_length=80, required=False)
    source_date = forms.DateField(
        label=_("Ngày ban hành"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
    )
    source_issuer = forms.CharField(label=_("Cơ quan ban hành"), max_length=200, required=False)
    source_subject = forms.CharField(label=_("Trích yếu"), max_length=500, required=False)
    made_from = forms.CharField(
        label=_("Sao từ bản sao y"),
        max_length=200,
        required=False,
        help_text=_("Ví dụ: bản sao y số 05/SY-SNV ngày 20/11/2026 của Sở Nội vụ"),
    )
    extent = forms.CharField(
        label=_("Phần được trích"), max_length=300, required=False, help_text=_("Ví dụ: khoản 2 Điều 5")
    )
    file = forms.FileField(
        label=_("Tệp PDF"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,application/pdf"}),
        help_text=_("Bản quét màu từ 200 dpi, tỷ lệ 100%; với trích sao là bản trích đã lập lại."),
    )
    sheets = forms.IntegerField(label=_("Số bản giấy"), min_value=1, max_value=999, initial=1, required=False)
    recipients = forms.CharField(
        label=_("Nơi nhận"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Mỗi dòng một nơi; để trống thì ghi “Như trên; Lưu: VT”."),
    )
    passphrase = secret(_("Mật khẩu hoặc mã PIN khóa của cơ quan"), required=False)
    otp = forms.CharField(label=_("Mã OTP"), required=False, max_length=20)

    def __init__(self, *args: Any, agency_id: Any, from_paper: bool, wanted: keys.Wanted | None, **more: Any):
        super().__init__(*args, **more)
        self.wanted_key = wanted
        ways = (Way.PAPER_TO_ELECTRONIC, Way.PAPER_TO_PAPER) if from_paper else tuple(Way)
        self._choices("way", [(way.value, said(way.label)) for way in ways])
        self._choices("form", [(form.value, said(form.label)) for form in Form])
        self.initial.setdefault("way", ways[0].value)
        self.initial.setdefault("form", Form.TRUE_COPY.value)
        self._choices("signer", [(str(post.pk), str(post)) for post in signers(agency_id)])
        for name in () if from_paper else ("source_code", "source_date", "source_issuer", "source_subject"):
            del self.fields[name]
        if wanted is None or not wanted.passphrase:
            del self.fields["passphrase"]
        if wanted is None or not wanted.otp:
            del self.fields["otp"]

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def wanted(self) -> Wanted:
        """What was asked for, in the words of the rules."""
        typed = self.cleaned_data
        return Wanted(
            form=Form(typed["form"]),
            way=Way(typed["way"]),
            signer_id=UUID(typed["signer"]),
            made_from=nfc(typed["made_from"]),
            extent=nfc(typed["extent"]),
            sheets=typed.get("sheets") or 1,
            recipients=[nfc(line.strip())[:200] for line in typed["recipients"].splitlines() if line.strip()][
                :30
            ],
            source_code=nfc(typed.get("source_code", "")),
            source_date=typed.get("source_date"),
            source_issuer=nfc(typed.get("source_issuer", "")),
            source_subject=nfc(typed.get("source_subject", "")),
        )


class WithdrawForm(forms.Form):
    """Why a copy is taken back."""

    reason = forms.CharField(
        label=_("Lý do thu hồi bản sao"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
