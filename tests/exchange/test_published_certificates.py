"""Encryption certificates in the agency list of an axis: taken as far as they prove themselves, whatever it says."""

# ruff: noqa: F401, F811 -- `net` is a fixture

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.apps import apps
from django.conf import settings as site
from django.db import connection
from tests.cms.parts import Holder, holder, opened, other_root, root
from tests.exchange.conftest import SEALED, issue, send, send_waiting
from tests.exchange.test_axis import Net, net, ours
from tests.exchange.test_modern_line import modern

from vanthu.axis.actions import OPERATOR
from vanthu.axis.actions import encryption as axis_actions
from vanthu.axis.models import AgencyEncryption
from vanthu.base import clock
from vanthu.base.actors import NotYours, RoleRequired
from vanthu.edxml import DocumentPacket, read
from vanthu.encryption import actions, published, queries
from vanthu.encryption.models import AgencyCertificate, AgencyStatement, Choice, PublishedKeys, Without
from vanthu.evidence import Key, new_key
from vanthu.exchange import jobs, lines, publishing
from vanthu.exchange.models import Link
from vanthu.relay import Client, Publication, check_publication, publication
from vanthu.signing import service
from vanthu.vxp import VxpRefused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "root.pem").write_bytes(root().certificate.public_bytes(Encoding.PEM))
    monkeypatch.setattr(site.VANTHU, "trust_dir", tmp_path)
    service.trust.cache_clear()
    lines._doors.clear()
    yield
    service.trust.cache_clear()
    lines._doors.clear()


def ministry_key(name: str = "Bộ Nội vụ", organ_id: str = "G09", *, trusted: bool = True) -> Holder:
    return holder(name, kind="rsa", organ_id=organ_id, trusted=trusted)


def said(
    client: Client, key: Key, *holders: Holder, agency: str = "G09", after: int = 0, tell: bool = True
) -> Publication:
    """The ministry's system publishes, ``after`` so many minutes."""
    at = clock.now() + timedelta(minutes=after)
    made = publication(key, agency, [one.asn1.dump() for one in holders], at)
    if tell:
        client.publish(agency, made)
    return made


def synced() -> None:
    Link.objects.filter(name="axis:agencies").update(leased_until=None)
    jobs.sync_agencies()


def usable(net: Net) -> set[str]:
    found = queries.certificates_for([net.ministry]).get(net.ministry.pk, [])
    return {one.sha256.hex() for one in found}


def test_a_published_certificate_is_taken_and_only_its_own_system_withdraws_it(net: Net) -> None:
    key, first, second = new_key(), ministry_key(), ministry_key(trusted=True, name="Bộ Nội vụ (2026)")
    client = modern(net, key)
    client.enrol()
    said(client, key, first)
    synced()
    assert usable(net) == {first.asn1.sha256.hex()}
    row = AgencyCertificate.objects.get()
    assert row.published and "công bố qua Trục liên thông" in row.source

    said(client, key, second, after=1)
    synced()
    assert usable(net) == {second.asn1.sha256.hex()}, "the old one is not encrypted to any more"
    older = AgencyEncryption.objects.get()
    given = Publication.read(older.publication)
    assert given is not None
    before = older.agency.version
    axis_actions.keep(older.agency, given, check_publication(given), OPERATOR)  # the same twice at once
    older.agency.refresh_from_db()
    assert older.agency.version == before
    with pytest.raises(VxpRefused) as refused:
        said(client, key, first)
    assert "mới hơn" in refused.value.error_desc

    # The axis itself gives an older statement, leaves it out, or lists one of a key of its own.
    AgencyEncryption.objects.update(publication=said(client, key, first, tell=False).as_json())
    _listed_anew(net)
    assert usable(net) == {second.asn1.sha256.hex()}
    AgencyEncryption.objects.all().delete()
    _listed_anew(net)
    assert usable(net) == {second.asn1.sha256.hex()}, "documents do not travel readable by leaving it out"
    older.publication = said(client, new_key(), after=2, tell=False).as_json()
    older.save()
    _listed_anew(net)
    statement = AgencyStatement.objects.get()
    assert usable(net) == {second.asn1.sha256.hex()} and statement.other_key_id
    with pytest.raises(NotYours):
        published.trust_new_key(net.commune.clerk, net.commune.agency.pk)
    published.trust_new_key(net.commune.clerk, net.ministry.pk)
    assert AgencyStatement.objects.get().other_key_id == ""


def test_an_axis_cannot_put_another_certificate_in_its_place(net: Net) -> None:
    key = new_key()
    client = modern(net, key)
    client.enrol()
    others = [
        ministry_key("Bộ Tài chính", "G12"),
        ministry_key(trusted=False),
        holder("Bộ Nội vụ", signs=True),
    ]
    said(client, key, *others)
    synced()
    statement = AgencyStatement.objects.get()
    assert usable(net) == set() and not AgencyCertificate.objects.exists()
    assert "không phải của Bộ Nội vụ" in statement.problem and "tin cậy" in statement.problem
    (site.VANTHU.trust_dir / "root-2.pem").write_bytes(other_root().certificate.public_bytes(Encoding.PEM))
    service.trust.cache_clear()
    _listed_anew(net)
    assert usable(net) == {others[1].asn1.sha256.hex()}, (
        "an authority that is trusted later counts from then on"
    )
    (site.VANTHU.trust_dir / "root-2.pem").unlink()
    service.trust.cache_clear()
    AgencyCertificate.objects.all().delete()

    good = said(client, key, ministry_key(), after=1, tell=False)
    swapped = Publication(good.statement, good.key, (others[0].asn1.dump(),))
    for forged in (
        swapped,
        Publication(good.statement, said(client, new_key(), tell=False).key, good.certificates),
        said(client, key, ministry_key(), agency="G12", after=1, tell=False),
        said(client, new_key(), ministry_key(), after=1, tell=False),
    ):
        with pytest.raises(VxpRefused):
            client.publish("G09", forged)
    with pytest.raises(VxpRefused):
        client.publish("H20.45", said(client, key, ministry_key("Xã", "H20.45"), agency="H20.45", tell=False))
    for forged in (swapped, said(client, key, ministry_key(), after=10**4, tell=False)):
        AgencyEncryption.objects.update(publication=forged.as_json())
        _listed_anew(net)
        assert usable(net) == set()

    put_away = actions.publish(net.ministry, ministry_key().asn1, "GOOD", "thử")  # type: ignore[arg-type]
    actions.withdraw_certificate(net.commune.clerk, put_away.pk)
    said(client, key, ministry_key(), after=2)
    _listed_anew(net)
    assert usable(net) == set(), "what the clerk put away by hand stays away"


def test_our_own_certificate_goes_out_and_the_axis_reads_nothing_of_what_is_encrypted(net: Net) -> None:
    key = new_key()
    ministry = modern(net, key)
    ministry.enrol()
    said(ministry, key, ministry_key())
    own = holder(net.commune.agency.name, kind="rsa", organ_id="H20.45")
    file = own.p12
    actions.enrol_key(net.commune.clerk, file, "mở-khóa")
    synced()
    row = PublishedKeys.objects.get()
    assert row.told_at is not None and row.error == ""
    changes = ministry.agency_changes()
    assert changes.publications["H20.45"].certificates == (own.asn1.dump(),)
    version = changes.version
    assert publishing.publish(ours()) == 0
    PublishedKeys.objects.update(told_at=None)  # killed before the answer was noted: the same is told again
    assert publishing.publish(ours()) == 1
    assert ministry.agency_changes(version).rows == ()
    actions.withdraw_certificate(
        net.commune.clerk, AgencyCertificate.objects.get(agency=net.commune.agency).pk
    )
    jobs.publish_certificates(None)  # type: ignore[arg-type]
    assert ministry.agency_changes().publications["H20.45"].certificates == ()

    document = issue(net.commune, subject="V/v kết quả thanh tra")
    Choice.objects.create(document=document, without=Without.STOP, at=clock.now())
    send(net.commune, document, net.ministry)
    send_waiting()
    (waiting,) = net.elsewhere.received("edoc")
    body = io.BytesIO()
    net.elsewhere.download(waiting.doc_id, body)
    packet = read(io.BytesIO(body.getvalue())).packet
    assert isinstance(packet, DocumentPacket)
    assert opened(packet.attachments[0].content.read(), ministry_key().opening).startswith(SEALED)

    stored = _everything_the_axis_stores()
    assert b"thanh tra" in stored, "the header stays readable: axes route by it"
    readable = [b"%PDF", SEALED.splitlines()[1], base64.b64encode(SEALED[:30])]
    assert not any(text in stored for text in readable)
    send(net.commune, issue(net.commune), net.ministry)
    send_waiting()
    assert readable[2] in _everything_the_axis_stores(), "this is how it would look"


def _listed_anew(net: Net) -> None:
    """The axis' list is copied as a whole once more."""
    Link.objects.filter(name="axis:agencies").update(listed_whole_at=None)
    synced()


def _everything_the_axis_stores() -> bytes:
    """Every row of every table of the axis, and every file of its own."""
    parts: list[bytes] = []
    with connection.cursor() as cursor:
        for model in apps.get_app_config("axis").get_models():
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            for row in cursor.fetchall():
                parts += [bytes(one) if isinstance(one, memoryview) else str(one).encode() for one in row]
    for folder in ("axis", "axis-sealed"):
        parts += [one.read_bytes() for one in (site.VANTHU.blob_dir / folder).rglob("*") if one.is_file()]
    return b"\n".join(parts)
