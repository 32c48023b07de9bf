"""Forms of the encryption room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from vanthu.encryption.models import KeyPlace, Without
from vanthu.encryption.rules import LARGEST_CERTIFICATE, LARGEST_KEY_FILE
from vanthu.web.words import said
from vanthu_agent.device import Found


class ChoiceForm(forms.Form):
    """Whether a document is sent encrypted, and what then with those who cannot open it."""

    encrypt = forms.BooleanField(label=_("Mã hóa tệp cho từng nơi nhận"), required=False)
    without = forms.ChoiceField(
        label=_("Nơi chưa có chứng thư số mã hóa"),
        choices=lambda: [(value, said(label)) for value, label in Without.choices],
        widget=forms.RadioSelect,
    )


class KeyForm(forms.Form):
    """A key that opens what is encrypted for the agency."""

    place = forms.CharField(initial=KeyPlace.PKCS12.value, required=False, widget=forms.HiddenInput)
    file = forms.FileField(
        label=_("Tệp khóa (.p12, .pfx)"),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".p12,.pfx"}),
    )
    passphrase = forms.CharField(
        label=_("Mật khẩu của tệp khóa"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Chỉ dùng để thử mở khóa; hệ thống không lưu mật khẩu."),
    )

    def clean_file(self) -> bytes:
        """The bytes; a key file is small."""
        return _bounded(self.cleaned_data["file"], LARGEST_KEY_FILE)


class DeviceKeyForm(forms.Form):
    """A key on the server's device."""

    place = forms.CharField(initial=KeyPlace.PKCS11.value, required=False, widget=forms.HiddenInput)
    fingerprint = forms.ChoiceField(label=_("Khóa trên thiết bị"))
    pin = forms.CharField(
        label=_("Mã PIN"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Chỉ dùng để thử mở khóa; hệ thống không lưu mã PIN."),
    )

    def __init__(self, found: Sequence[Found], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["fingerprint"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (one.fingerprint, f"{one.certificate.subject.human_friendly} ({one.token})") for one in found
        ]


class CertificateForm(forms.Form):
    """A certificate that another agency published."""

    organ_id = forms.CharField(label=_("Mã định danh cơ quan"), max_length=35)
    file = forms.FileField(
        label=_("Tệp chứng thư số (.cer, .crt, .pem)"),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".cer,.crt,.pem,.der"}),
    )
    source = forms.CharField(
        label=_("Nhận chứng thư số từ đâu"),
        max_length=300,
        help_text=_("Ví dụ: Công văn số 12/SNV-VP, hoặc danh bạ của tổ chức chứng thực."),
    )

    def clean_file(self) -> bytes:
        """The bytes; a certificate is small."""
        return _bounded(self.cleaned_data["file"], LARGEST_CERTIFICATE)


def _bounded(file: object, limit: int) -> bytes:
    if getattr(file, "size", limit + 1) > limit:
        raise forms.ValidationError(_("Tệp quá lớn so với một tệp khóa hoặc chứng thư số."))
    data: bytes = file.read()  # type: ignore[attr-defined]
    return data
