"""The inventory of certificates: looked at daily, warned of once per threshold, revoked ones stop (R189)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from tests import world as worlds
from tests.signing.staff import administrator, appoint

from vanthu.base.actors import NotYours, Role, system_actor
from vanthu.demo import pki
from vanthu.legal.authority import WARNING_DAYS
from vanthu.pades import Standing
from vanthu.signing import certificate_queries, certificates, keys, service
from vanthu.signing.actions import enrol_key
from vanthu.signing.certificate_models import (
    CertificateStanding,
    CertificateWarning,
    RequestKind,
)
from vanthu.signing.certificate_rules import (
    CertificateOfAnother,
    RequestOpen,
    RequestUnknown,
    warning_due,
)
from vanthu.signing.device_rules import KeyRevoked, NotKeeper
from vanthu.signing.enrolling import CertificateNotTrusted
from vanthu.signing.models import SigningKey

NOW = worlds.NOW


@given(left=st.timedeltas(min_value=timedelta(days=-30), max_value=timedelta(days=200)))
def test_the_threshold_told_is_the_least_that_has_been_reached(left: timedelta) -> None:
    days = warning_due(NOW + left, NOW)
    reached = [one for one in WARNING_DAYS if left < timedelta(days=one + 1)]
    assert days == (min(reached) if reached else None)


def test_holder_and_administrator_are_warned_once_at_each_threshold(
    world: worlds.World, frozen_clock: Callable[[datetime], None]
) -> None:
    province = world.province
    administrator(province)
    key = SigningKey.objects.get(post=province.posts["leader"])
    SigningKey.objects.exclude(pk=key.pk).update(valid_to=NOW + timedelta(days=900))
    for days in (61, 60, 45, 30, 20, 15, 8, 7, 1, 0, -2):
        SigningKey.objects.filter(pk=key.pk).update(valid_to=NOW + timedelta(days=days, hours=1))
        frozen_clock(NOW)
        certificates.warn_all()
        assert certificates.warn_all() == 0
    told = CertificateWarning.objects.order_by("-days", "post").values_list("days", "post")
    people = sorted([province.posts["leader"].pk, province.posts["administrator"].pk])
    assert list(told) == [(days, one) for days in WARNING_DAYS for one in people]
    (shown,) = certificate_queries.warnings(province.leader)
    assert shown.days == 7
    with pytest.raises(NotYours):
        certificates.warning_seen(province.specialist, shown.pk)
    certificates.warning_seen(province.leader, shown.pk)
    assert certificate_queries.warnings(province.leader) == []
    assert len(certificate_queries.warnings(province.administrator)) == 1


def test_a_look_a_day_and_silence_of_the_authority_changes_nothing(
    world: worlds.World, frozen_clock: Callable[[datetime], None]
) -> None:
    frozen_clock(NOW)
    assert certificates.look_at_all() == SigningKey.objects.filter(active=True).count() == 4
    assert certificates.look_at_all() == 0
    assert set(CertificateStanding.objects.values_list("standing", flat=True)) == {""}
    frozen_clock(NOW + timedelta(days=1))
    assert certificates.look_at_all() == 4
    key = SigningKey.objects.get(post=world.province.posts["leader"])
    CertificateStanding.objects.filter(key=key).update(standing=Standing.REVOKED.value)
    with pytest.raises(KeyRevoked):
        keys.person_key(world.province.leader)
    certificates.note_revoked(system_actor(world.province.agency.pk), key.pk)
    assert not SigningKey.objects.get(pk=key.pk).active


def test_a_certificate_is_enrolled_for_the_one_it_names_alone_and_from_a_trusted_issuer(
    world: worlds.World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    province = world.province
    system = system_actor(province.agency.pk)

    def enrol(slug: str, whom: str | None) -> SigningKey:
        p12 = pki.p12_path(worlds.authority(), slug).read_bytes()
        post = province.posts[whom] if whom else None
        return enrol_key(system, province.agency, post, p12, worlds.PASSPHRASE)

    for slug, whom in (("chu-tich", None), ("ubnd", "leader"), ("giam-doc", "leader"), ("snv", None)):
        with pytest.raises(CertificateOfAnother):
            enrol(slug, whom)
    before = SigningKey.objects.get(post=province.posts["leader"], active=True)
    renewed = enrol("chu-tich", "leader")
    before.refresh_from_db()
    assert (before.active, before.end_reason, renewed.device) == (False, "REPLACED", before.device)
    monkeypatch.setattr(settings.VANTHU, "trust_dir", tmp_path)  # nobody is trusted any more
    service.trust.cache_clear()
    try:
        with pytest.raises(CertificateNotTrusted, match=r"tin cậy"):
            enrol("chu-tich", "leader")
    finally:
        monkeypatch.undo()
        service.trust.cache_clear()
    renewed.refresh_from_db()
    assert renewed.active


def test_who_may_sign_without_a_certificate_is_listed_and_one_can_be_asked_for(world: worlds.World) -> None:
    province = world.province
    administrator(province)
    deputy = appoint(
        province, "deputy", "Lê Thị Hoài An", "Phó Chủ tịch", Role.LEADER, competence="KT. CHỦ TỊCH"
    )
    assert certificate_queries.without_certificate(province.agency.pk) == [deputy]
    admin, ask = province.administrator, certificates.ask_authority
    request = ask(admin, RequestKind.ISSUE, "Mới bổ nhiệm", post_id=deputy.pk)
    with pytest.raises(RequestOpen):
        ask(admin, RequestKind.ISSUE, "Lần nữa", post_id=deputy.pk)
    with pytest.raises(NotYours):
        ask(world.department.clerk, RequestKind.ISSUE, "Của người khác", post_id=deputy.pk)
    with pytest.raises(NotKeeper):
        ask(province.specialist, RequestKind.ISSUE, "Của người khác", post_id=deputy.pk)
    with pytest.raises(RequestUnknown):
        certificates.note_told(world.department.clerk, request.pk, "Gọi điện")
    certificates.note_answer(admin, request.pk, "Đã cấp")
    key = SigningKey.objects.get(post=province.posts["leader"])
    ask(province.leader, RequestKind.RENEW, "Sắp hết hạn", key_id=key.pk)
    assert [one.pk for one in certificate_queries.requests(province.specialist)] == []


def test_the_inventory_shows_everybody_what_is_theirs_in_a_fixed_number_of_queries(
    world: worlds.World,
) -> None:
    province = world.province
    worlds.signed(province, [world.department.agency])

    def counted() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            certificate_queries.inventory(province.clerk)
        return len(seen)

    few, lines = counted(), certificate_queries.inventory(province.clerk)
    assert {(line.owner, line.algorithm) for line in lines} == {
        ("Võ Trọng Thử", "RSA 2048, SHA-256"),
        (province.agency.name, "RSA 2048, SHA-256"),
    }
    assert [line.used_at is not None for line in lines if line.owner == "Võ Trọng Thử"] == [True]
    assert [line.owner for line in certificate_queries.inventory(province.leader)] == [
        one.owner for one in lines
    ]
    assert certificate_queries.inventory(province.specialist) == []
    original = SigningKey.objects.get(post=province.posts["leader"])
    for _ in range(20):
        original.pk, original._state.adding, original.active = None, True, False
        original.id = SigningKey().id
        original.save()
    assert counted() == few
    assert len(certificate_queries.inventory(province.clerk)) == 22
