"""A receipt proves that the axis took exactly this packet, to anybody who has the axis' public key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from joserfc import jws
from joserfc.jwk import OKPKey

from vanthu.evidence import (
    BadKey,
    ReceiptInvalid,
    issue_receipt,
    new_key,
    private_key,
    private_pem,
    public_jwk,
    verify_receipt,
)
from vanthu.evidence.keys import Key

ACCEPTED = datetime(2026, 11, 21, 3, 4, 5, 678901, tzinfo=UTC)
KEY = new_key()


def issued_at(instant: datetime, key: Key) -> str:
    return issue_receipt(
        key,
        packet_sha256="ab" * 32,
        size=1234,
        sender="H27.01",
        recipients=["H27.03", "H27.02"],
        doc_id="0199",
        accepted_at=instant,
    )


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def receipt(key: Key = KEY) -> str:
    return issued_at(ACCEPTED, key)


@pytest.mark.parametrize("key", [new_key(), OKPKey.generate_key("Ed25519")], ids=["P-256", "Ed25519"])
def test_the_receipt_says_what_was_taken_from_whom_to_whom_and_when(key: Key) -> None:
    issued = receipt(key)
    pem = key.as_pem(private=False)
    published = {"keys": [public_jwk(new_key()), public_jwk(key)]}
    for source in (key, public_jwk(key), published, pem, pem.decode()):
        said = verify_receipt(issued, source)
        assert (said.packet_sha256, said.size, said.doc_id) == ("ab" * 32, 1234, "0199")
        assert (said.sender, said.recipients) == ("H27.01", ("H27.02", "H27.03"))
        assert said.accepted_at == ACCEPTED


def test_the_published_key_does_not_hold_the_secret() -> None:
    assert "d" not in public_jwk(KEY)
    assert private_key(private_pem(KEY)).thumbprint() == public_jwk(KEY)["kid"]


def test_another_key_does_not_verify() -> None:
    with pytest.raises(ReceiptInvalid):
        verify_receipt(receipt(), public_jwk(new_key()))
    with pytest.raises(BadKey):
        verify_receipt(receipt(), {"keys": [public_jwk(new_key())]})


def test_a_changed_word_is_noticed() -> None:
    header, payload, signature = receipt().split(".")
    said = json.loads(base64.urlsafe_b64decode(payload + "=="))
    said["sha256"] = "cd" * 32
    forged = encoded(json.dumps(said).encode())
    with pytest.raises(ReceiptInvalid):
        verify_receipt(f"{header}.{forged}.{signature}", KEY)


def test_a_receipt_signed_with_the_public_key_as_password_is_refused() -> None:
    """The classic confusion of a public key with a shared secret."""
    public = KEY.as_pem(private=False)
    text = ".".join(map(encoded, (b'{"alg":"HS256","typ":"vanthu-receipt"}', b"{}")))
    forged = text + "." + encoded(hmac.new(public, text.encode(), hashlib.sha256).digest())
    with pytest.raises(ReceiptInvalid):
        verify_receipt(forged, public)


def test_another_kind_of_signed_text_is_not_a_receipt() -> None:
    token = jws.serialize_compact({"alg": "ES256", "typ": "JWT"}, b"{}", KEY)
    with pytest.raises(ReceiptInvalid):
        verify_receipt(token, KEY)


@pytest.mark.parametrize("text", ["", "hello", "a.b.c", "....", "e30.e30.", "ă.â.đ"])
def test_rubbish_is_not_a_receipt(text: str) -> None:
    with pytest.raises(ReceiptInvalid):
        verify_receipt(text, KEY)


def test_an_instant_without_zone_is_not_accepted() -> None:
    with pytest.raises(ValueError, match="aware"):
        issued_at(ACCEPTED.replace(tzinfo=None), KEY)


@pytest.mark.parametrize("text", ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_key_file_that_is_no_key_says_so(text: str) -> None:
    with pytest.raises(BadKey):
        private_key(text)


def test_a_public_key_cannot_sign() -> None:
    with pytest.raises(BadKey):
        private_key(KEY.as_pem(private=False))
