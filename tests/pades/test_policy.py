"""The table of algorithms: who signs, what is only read, what weakens when."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from asn1crypto import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from tests.pades.conftest import NOW
from tests.pades.test_keys import self_made

from vanthu.pades import errors, policy
from vanthu.pades.keys import _read
from vanthu.pades.policy import Fitness

LATER = datetime(2031, 1, 1, 3, 0, tzinfo=UTC)


def certificate(key: object) -> x509.Certificate:
    return _read(self_made(key), "p")[1]


RSA_1024 = certificate(rsa.generate_private_key(65537, 1024))
RSA_2048 = certificate(rsa.generate_private_key(65537, 2048))
P_256 = certificate(ec.generate_private_key(ec.SECP256R1()))


def test_sha_1_is_read_and_never_signed_with() -> None:
    assert policy.digest_fitness("sha1", NOW) is Fitness.LEGACY
    assert policy.digest_fitness("md5", NOW) is Fitness.BROKEN
    with pytest.raises(errors.DigestTooWeak) as refused:
        policy.require_digest("sha1", NOW)
    assert "SHA1" in refused.value.text
    policy.require_digest(policy.PRODUCED_DIGEST, NOW)


def test_a_short_key_does_not_sign_and_a_fit_one_weakens_on_a_known_day() -> None:
    with pytest.raises(errors.KeyTooWeak):
        policy.require_key(RSA_1024, NOW)
    policy.require_key(RSA_2048, NOW)
    policy.require_key(P_256, LATER)
    with pytest.raises(errors.KeyTooWeak):
        policy.require_key(RSA_2048, LATER)
    assert policy.weakens_on([P_256], ["sha256"]) is None
    assert policy.weakens_on([P_256, RSA_2048], ["sha256"]) == date(2030, 12, 31)
    assert policy.weakens_on([P_256], ["md5"]) == date.min
    assert policy.fitness(RSA_2048, "sha1", NOW) is Fitness.LEGACY
    assert policy.fitness(P_256, "md5", NOW) is Fitness.BROKEN


@given(
    st.sampled_from(policy.TABLE),
    st.integers(0, 20000),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),
)
def test_a_longer_key_and_an_earlier_day_are_never_worse(
    row: policy.Algorithm, more: int, moment: datetime
) -> None:
    at = moment.replace(tzinfo=UTC)
    longer = policy.row_of(row.name, row.least_bits + more)
    assert longer is not None and longer.least_bits >= row.least_bits
    assert longer.fit_until is None or (row.fit_until is not None and longer.fit_until >= row.fit_until)
    worth = [Fitness.BROKEN, Fitness.LEGACY, Fitness.FIT]
    then, now = policy._fitness(row, at), policy._fitness(row, LATER.replace(year=2101))
    assert worth.index(then) >= worth.index(now)
    assert row.source
