"""Message signatures: the standard's own example, and everything that must break one."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import OKPKey

from vanthu.evidence import Key, new_key
from vanthu.relay import (
    Message,
    Proof,
    SignatureExpired,
    SignatureMissing,
    SignatureWrong,
    check_proof,
    digest_field,
    digest_of,
    read_claim,
    sign_message,
    signature_base,
    verified,
)
from vanthu.relay.signatures import verify

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
WINDOW = timedelta(seconds=300)
COVERED = ("@method", "@authority", "@path", "@query", "content-digest")
KEYS = {"P-256": new_key(), "Ed25519": OKPKey.generate_key("Ed25519", private=True)}
DIGEST = bytes(range(32))


def call(**changes: object) -> Message:
    parts: dict[str, object] = {
        "method": "POST",
        "authority": "truc.example:8100",
        "path": "/axis/v2/packets",
        "query": "type=status&from=H37.05",
        "fields": {"content-digest": digest_field(DIGEST)},
    }
    return Message(**(parts | changes))  # type: ignore[arg-type]


def signed(key: Key, message: Message, **options: object) -> Message:
    given: dict[str, object] = {"at": NOW, "nonce": "n1", **options}
    headers = sign_message(message, key, COVERED, **given)  # type: ignore[arg-type]
    return with_fields(message, {name.lower(): value for name, value in headers.items()})


def with_fields(message: Message, fields: Mapping[str, str]) -> Message:
    merged = {**message.fields, **fields}
    return Message(message.method, message.authority, message.path, message.query, merged)


def check(message: Message, key: Key, now: datetime = NOW) -> None:
    verified(message, lambda _: key, now=now, window=WINDOW, covers=COVERED)


def test_the_example_of_the_standard_holds() -> None:
    """RFC 9421 B.2.6: the base is built as the standard builds it, and its Ed25519 signature verifies."""
    message = Message(
        "POST",
        "example.com",
        "/foo",
        "param=Value&Pet=dog",
        {"date": "Tue, 20 Apr 2021 02:07:55 GMT", "content-type": "application/json", "content-length": "18"},
    )
    components = ("date", "@method", "@path", "@authority", "content-type", "content-length")
    listed = " ".join(f'"{name}"' for name in components)
    base = signature_base(message, components, f'({listed});created=1618884473;keyid="test-key-ed25519"')
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"}
    signature = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    verify(OKPKey.import_key(jwk), base.encode(), base64.b64decode(signature))


@pytest.mark.parametrize("kind", KEYS)
def test_a_signed_call_verifies_and_says_who(kind: str) -> None:
    message = signed(KEYS[kind], call())
    claim = read_claim(message)
    assert (claim.key_id, claim.nonce) == (KEYS[kind].thumbprint(), "n1")
    check(message, KEYS[kind])


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "PUT"},
        {"authority": "truc.example"},
        {"path": "/axis/v2/packets/"},
        {"query": "type=status&from=H27.01"},
    ],
)
def test_whatever_is_changed_breaks_the_signature(changes: dict[str, str]) -> None:
    message = signed(KEYS["P-256"], call())
    with pytest.raises(SignatureWrong):
        check(call(**changes, fields=message.fields), KEYS["P-256"])


def test_another_digest_breaks_the_signature() -> None:
    message = signed(KEYS["P-256"], call())
    with pytest.raises(SignatureWrong):
        check(with_fields(message, {"content-digest": digest_field(bytes(32))}), KEYS["P-256"])


def test_another_key_does_not_fit() -> None:
    message = signed(KEYS["P-256"], call())
    for other in (new_key(), KEYS["Ed25519"]):
        with pytest.raises(SignatureWrong):
            check(message, other)


@pytest.mark.parametrize("seconds", [-301, 421])
def test_a_signature_from_the_future_or_past_its_end_is_expired(seconds: int) -> None:
    message = signed(KEYS["P-256"], call())
    check(message, KEYS["P-256"], NOW + timedelta(seconds=seconds - (1 if seconds > 0 else -1)))
    with pytest.raises(SignatureExpired):
        check(message, KEYS["P-256"], NOW + timedelta(seconds=seconds))


def test_nobody_signs_for_a_year() -> None:
    with pytest.raises(SignatureExpired):
        check(signed(KEYS["P-256"], call(), lifetime=timedelta(days=365)), KEYS["P-256"])


def test_what_must_be_covered_is() -> None:
    message = call()
    headers = sign_message(message, KEYS["P-256"], ("@method", "@path"), at=NOW, nonce="n")
    half = with_fields(message, {name.lower(): value for name, value in headers.items()})
    with pytest.raises(SignatureMissing, match="content-digest"):
        check(half, KEYS["P-256"])


def test_a_signature_that_a_proxy_added_is_passed_over() -> None:
    message = signed(KEYS["P-256"], call())
    fields = {
        "signature-input": 'proxy=("@method");created=1;keyid="p", ' + message.fields["signature-input"],
        "signature": "proxy=:AAAA:, " + message.fields["signature"],
    }
    check(with_fields(message, fields), KEYS["P-256"])


def test_two_signatures_of_the_profile_are_one_too_many() -> None:
    message = signed(KEYS["P-256"], call())
    again = message.fields["signature-input"].replace("relay=", "other=")
    with pytest.raises(SignatureMissing):
        read_claim(with_fields(message, {"signature-input": f"{message.fields['signature-input']}, {again}"}))


@given(field=st.text(max_size=200), signature=st.text(max_size=100))
def test_damaged_fields_are_refused_with_a_reason(field: str, signature: str) -> None:
    with pytest.raises(SignatureMissing):
        read_claim(with_fields(call(), {"signature-input": field, "signature": signature}))


def test_digests_have_one_spelling() -> None:
    assert digest_of(digest_field(DIGEST)) == DIGEST
    assert digest_of(f"sha-512=:AA==:, {digest_field(DIGEST)}") == DIGEST
    for wrong in ("", "sha-256=AA", "sha-256=:AA==:", digest_field(DIGEST)[:-1]):
        with pytest.raises(SignatureMissing):
            digest_of(wrong)


@pytest.mark.parametrize("kind", KEYS)
def test_a_proof_says_who_sent_what_when(kind: str) -> None:
    proof = Proof.of(read_claim(signed(KEYS[kind], call())))
    read = Proof.read(proof.as_json())
    assert read == proof
    said = check_proof(proof, KEYS[kind])
    assert (said.sha256, said.sender, said.kind, said.signed_at) == (DIGEST.hex(), "H37.05", "status", NOW)


@given(data=st.data())
def test_a_proof_with_any_byte_changed_does_not_hold(data: st.DataObject) -> None:
    proof = Proof.of(read_claim(signed(KEYS["Ed25519"], call())))
    place = data.draw(st.integers(0, len(proof.base) - 1))
    other = data.draw(
        st.characters(min_codepoint=32, max_codepoint=126).filter(lambda c: c != proof.base[place])
    )
    forged = Proof(proof.key_id, proof.base[:place] + other + proof.base[place + 1 :], proof.signature)
    with pytest.raises((SignatureWrong, SignatureMissing)):
        check_proof(forged, KEYS["Ed25519"])


def test_a_proof_of_another_kind_of_call_proves_nothing() -> None:
    message = signed(KEYS["P-256"], call(query="type=status"))
    with pytest.raises(SignatureMissing):
        check_proof(Proof.of(read_claim(message)), KEYS["P-256"])


def test_what_is_no_proof_is_none() -> None:
    assert Proof.read(None) is None
    assert Proof.read({"keyId": "k", "base": "b"}) is None
    assert Proof.read({"keyId": "k", "base": 1, "signature": "s"}) is None
