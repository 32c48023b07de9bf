"""Forms about keys: what opens one for a signature, and what enrols one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from vanthu.directory.models import Post
from vanthu.signing.agent_errors import BY_AGENT_CODE
from vanthu.signing.agents import address
from vanthu.signing.keys import Wanted
from vanthu.signing.models import KeyKind
from vanthu.web.words import said

_LABELS = {
    KeyKind.PKCS12: _("Mật khẩu khóa ký"),
    KeyKind.PKCS11: _("Mã PIN của thiết bị"),
    KeyKind.CSC: _("Mã PIN của khóa ký từ xa"),
}
LARGEST_KEY_FILE = 200_000
LARGEST_IMAGE = 5_000_000


def secret(label: Any, *, required: bool = True) -> forms.CharField:
    """A field for what is typed once and never shown again."""
    widget = forms.PasswordInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, max_length=200, strip=False, required=required, widget=widget)


class UnlockForm(forms.Form):
    """Opens a signing key for one signature, whatever its kind. Nothing of it is kept or shown again."""

    def __init__(self, *given: Any, wanted: Wanted | None, owner: str = "", **more: Any) -> None:
        super().__init__(*given, **more)
        self.wanted, self.owner = wanted, owner
        if wanted is not None and wanted.passphrase:
            self.fields["passphrase"] = secret(_LABELS[wanted.kind])
            self.fields["passphrase"].widget.attrs["autofocus"] = True
        if wanted is not None and wanted.otp:
            self.fields["otp"] = secret(_("Mã xác thực một lần (OTP)"))
            self.fields["otp"].widget.attrs["inputmode"] = "numeric"

    @property
    def agent_address(self) -> str:
        """Where the page finds vanthu-agent."""
        return address()

    @property
    def agent_words(self) -> dict[str, dict[str, str]]:
        """What the page says for each of the agent's codes."""
        return agent_words()


class SecretsForm(forms.Form):
    """What an unlock form of any kind sends; which fields must be there is the key's own business."""

    passphrase = forms.CharField(max_length=200, strip=False, required=False)
    otp = forms.CharField(max_length=200, required=False)


class FileKeyForm(forms.Form):
    """Enrols a PKCS#12 file."""

    owner = forms.ChoiceField(label=_("Khóa của"))
    p12 = forms.FileField(label=_("Tệp khóa (.p12, .pfx)"))
    passphrase = secret(_("Mật khẩu khóa ký"))
    image = forms.FileField(label=_("Ảnh chữ ký hoặc con dấu (PNG, nếu có)"), required=False)


class DeviceKeyForm(forms.Form):
    """Enrols a key on the site's HSM."""

    owner = forms.ChoiceField(label=_("Khóa của"))
    fingerprint = forms.ChoiceField(label=_("Chứng thư số trên thiết bị"))
    image = forms.FileField(label=_("Ảnh chữ ký hoặc con dấu (PNG, nếu có)"), required=False)


class RemoteKeyForm(forms.Form):
    """Enrols a key at a remote signing service."""

    owner = forms.ChoiceField(label=_("Khóa của"))
    credential = forms.ChoiceField(label=_("Khóa tại dịch vụ"))
    image = forms.FileField(label=_("Ảnh chữ ký hoặc con dấu (PNG, nếu có)"), required=False)


def owners(posts: list[Post], agency_name: str) -> list[tuple[str, str]]:
    """Choices: the agency, then everybody in it."""
    people = [(str(post.pk), f"{post.person.full_name} – {post.position}") for post in posts]
    return [("agency", agency_name), *people]


def agent_words() -> dict[str, dict[str, str]]:
    """What the page says for each of the agent's codes, in the reader's language."""
    return {raw: {"code": kind.code, "message": said(kind())} for raw, kind in BY_AGENT_CODE.items()}
