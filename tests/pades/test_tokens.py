"""A key on a device, through the real PKCS#11 interface of a software token."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pkcs11.exceptions import MechanismInvalid
from tests.pades.conftest import NOW, Authority
from tests.softtoken import LIBRARY, make_token, pull_out, shelf

from vanthu import pades
from vanthu.errors import MustAct
from vanthu.pades import errors
from vanthu.pades.tokens import Pkcs11Key, refusal
from vanthu_agent.device import trouble


@pytest.fixture(scope="module")
def token(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A token that holds the chairman's key and certificate; PIN 123456."""
    with shelf(tmp_path_factory.mktemp("softhsm")) as folder:
        yield make_token(folder, "vanthu", authority.folder, "chu-tich")


def test_a_key_on_a_token_signs_a_valid_document(token: str, prepared: bytes, authority: Authority) -> None:
    with Pkcs11Key.open(LIBRARY, token_label=token, key_label="chu-tich", pin="123456", at=NOW) as key:
        assert isinstance(key, pades.KeySource)
        pdf = pades.sign(prepared, "nguoi_ky_1", key, signed_at=NOW)
    with Pkcs11Key.open(
        LIBRARY, token_label=token, key_label="chu-tich", pin="123456", at=NOW, scheme=pades.Scheme.PSS
    ) as key:
        pss = pades.sign(prepared, "nguoi_ky_1", key, signed_at=NOW)
    intermediates = authority.key("chu-tich").chain
    report = pades.validate(pdf, authority.trust(intermediates=intermediates), at=NOW)
    assert report.verdict is pades.Verdict.VALID
    assert report.signatures[0].signer_name == "Võ Trọng Thử"
    trust = authority.trust(intermediates=intermediates)
    assert pades.validate(pss, trust, at=NOW).verdict is pades.Verdict.VALID
    unknown = refusal(trouble(MechanismInvalid()), token)
    assert (unknown.code, unknown.must_act) == ("KEY_SCHEME_ABSENT", MustAct.ADMINISTRATOR)


def test_a_wrong_pin_and_an_absent_token_are_told_apart(token: str) -> None:
    with pytest.raises(errors.WrongPassphrase):
        Pkcs11Key.open(LIBRARY, token_label=token, key_label="chu-tich", pin="000000", at=NOW)
    with pytest.raises(errors.TokenAbsent):
        Pkcs11Key.open(LIBRARY, token_label="khong-co", key_label="chu-tich", pin="123456", at=NOW)
    with pytest.raises(errors.KeyDamaged):
        Pkcs11Key.open(LIBRARY, token_label=token, key_label="nguoi-khac", pin="123456", at=NOW)


def test_a_token_pulled_out_while_it_signs_is_said_so(token: str) -> None:
    key = Pkcs11Key.open(LIBRARY, token_label=token, key_label="chu-tich", pin="123456", at=NOW)
    with key:
        pull_out(token)
        key._opened._session.close()
        with pytest.raises(errors.KeyProblem) as refused:
            key.sign_raw(b"x", "sha256")
    assert refused.value.code in {"TOKEN_ABSENT", "TOKEN_TROUBLE"}
    with pytest.raises(errors.TokenAbsent):
        Pkcs11Key.open(LIBRARY, token_label=token, key_label="chu-tich", pin="123456", at=NOW)
