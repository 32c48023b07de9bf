"""A key on the clerk's own token: enrolled by a trial, asked through vanthu-agent for the content keys only."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from tests import world as worlds
from tests.cms.parts import Holder, holder, root
from tests.cms.software_token import LIBRARY, software_token
from tests.handling import letters
from tests.issuing.desk import browser
from tests.jobs import run_jobs

from vanthu.audit import queries as audit
from vanthu.base.actors import NotYours, RoleRequired
from vanthu.encryption.models import AgencyKey, KeyPlace, Without
from vanthu.encryption.rules import KeyElsewhere
from vanthu.handling import opening
from vanthu.records import queries as records
from vanthu.records.models import Direction, Document
from vanthu.signing import agents, service
from vanthu_agent.agent import Agent
from vanthu_agent.asked import Refused, proof
from vanthu_agent.door import Door
from vanthu_agent.questions import Question, Questions
from vanthu_agent.sites import Site, Sites

PIN, ORIGIN = "123456", "https://van-thu.example"


@dataclass
class Desk:
    """A clerk before the page, with the agent running beside it; ``pin`` is what the clerk types next."""

    client: Client
    door: Door
    pairing: str
    pin: str | None = PIN
    asked: Question | None = None

    def hello(self) -> dict[str, Any]:
        return dict(httpx.get(self._url("hello"), headers={"Origin": ORIGIN}, trust_env=False).json())

    def round(self, begin: str, finish: str, **fields: str) -> HttpResponse | str:
        """What the page does for one request; the agent's code where it refuses."""
        met = self.hello()
        given = {**fields, "pairing": met["pairing"], "challenge": met["challenge"]}
        proved = self.client.post(begin, given)
        if proved.status_code != 200:
            return proved
        answer = httpx.post(
            self._url("ask"), json=proved.json(), headers={"Origin": ORIGIN}, trust_env=False, timeout=20
        )
        if answer.status_code != 200:
            return str(answer.json()["error"])
        return self.client.post(finish, {"keys": json.dumps(answer.json()["keys"])})

    def page(self, path: str) -> str:
        return self.client.get(path, headers={"Accept": "text/html"}).content.decode()

    def _url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.door.server_address[1]}/v1/{name}"


class Person(Questions):
    """Answers at once with what the desk says."""

    desk: Desk

    def ask(self, question: Question, is_gone: Callable[[], bool]) -> str:
        self.desk.asked = question
        if self.desk.pin is None:
            raise Refused("USER_REFUSED")
        return self.desk.pin


@contextmanager
def desk(office: worlds.Office, folder: Path, who: str = "clerk") -> Iterator[Desk]:
    pairing, secret = agents.begin_pairing(office.actor(who))
    agents.confirm_pairing(office.actor(who), pairing.pk, proof(secret, f"paired {pairing.pk}"), "MÁY-1")
    sites, person = Sites(folder / f"{pairing.pk}.json"), Person()
    sites.add(Site(ORIGIN, str(pairing.pk), secret, "Thử", "Văn thư"))
    door = Door(Agent(sites, person, [LIBRARY]), 0)
    threading.Thread(target=door.serve_forever, args=(0.02,), daemon=True).start()
    client = browser(office.posts[who])
    client.defaults["HTTP_ACCEPT"] = "application/json"
    person.desk = Desk(client, door, str(pairing.pk))
    try:
        yield person.desk
    finally:
        door.shutdown()
        door.server_close()


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "root.pem").write_bytes(root().certificate.public_bytes(Encoding.PEM))
    monkeypatch.setattr(settings.VANTHU, "trust_dir", tmp_path)
    service.trust.cache_clear()
    yield tmp_path
    service.trust.cache_clear()


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_a_letter_is_opened_with_the_token_in_the_clerks_own_computer(
    world: worlds.World, trusted: Path, kind: str
) -> None:
    ours = holder("Sở Nội vụ tỉnh Hà Tĩnh", kind=kind, organ_id="H27.14")
    another, seal = holder("Sở Tài chính", kind="rsa", organ_id="H27.09"), holder("Con dấu", signs=True)
    held = {"so": ours, "khac": another, "dau": seal}
    office = world.department
    with software_token(trusted, held), desk(office, trusted) as clerk:
        assert _enrol(clerk, another).json()["code"] == "ENCRYPTION_CERTIFICATE_OF_ANOTHER"
        clerk.pin = "999999"
        assert _enrol(clerk, ours) == "PIN_WRONG"
        assert not AgencyKey.objects.exists()
        clerk.pin = PIN
        assert _enrol(clerk, ours).status_code == 200
        assert AgencyKey.objects.get().place == KeyPlace.AGENT
        letters.issued(world.province, [office.agency], encrypted=Without.STOP)
        run_jobs()
        arrived = Document.objects.get(agency=office.agency, direction=Direction.INCOMING)
        at = f"/documents/{arrived.pk}/open"
        page = clerk.page(f"/documents/{arrived.pk}/")
        assert f'data-begin="{at}/begin"' in page and 'type="password"' not in page
        with pytest.raises(KeyElsewhere):
            opening.open_files(office.clerk, arrived.pk, PIN)
        for stranger in (world.province.clerk, office.specialist):
            with pytest.raises((NotYours, RoleRequired)):
                opening.begin_elsewhere(stranger, arrived.pk)
        with desk(world.province, trusted) as other:
            refused = other.round(f"{at}/begin", f"{at}/finish")
            assert isinstance(refused, HttpResponse) and refused.status_code == 404
        for pin, code in ((None, "USER_REFUSED"), ("999999", "PIN_WRONG")):
            clerk.pin = pin
            assert clerk.round(f"{at}/begin", f"{at}/finish") == code
        assert clerk.asked is not None and arrived.code == clerk.asked.items[0].number
        guess = {str(_waiting(arrived)): base64.b64encode(bytes(32)).decode()}
        forged = {"keys": json.dumps(guess)}
        assert clerk.client.post(f"{at}/finish", forged).status_code == 400
        assert opening.encrypted_files(arrived)
        with desk(office, trusted, "leader") as leader:
            begun = leader.round(f"{at}/begin", f"{at}/finish")
            assert isinstance(begun, HttpResponse) and begun.status_code == 404, "nobody asked the leader"
            theirs = {"holder": str(world.province.posts["leader"].pk)}
            assert clerk.client.post(f"{at}/ask", theirs).status_code == 400
            assert (
                clerk.client.post(f"{at}/ask", {"holder": str(office.posts["leader"].pk)}).status_code == 302
            )
            assert "Chờ mở khóa tệp mã hóa" in leader.page("/")
            assert f'data-begin="{at}/begin"' in leader.page(f"/documents/{arrived.pk}/")
            done = leader.round(f"{at}/begin", f"{at}/finish")
            assert "Chờ mở khóa tệp mã hóa" not in leader.page("/")
        assert isinstance(done, HttpResponse) and done.json() == {"to": f"/documents/{arrived.pk}/"}
        _refuses_keys_that_sign(clerk, office, seal)
    assert not any(file.is_encrypted for file in records.current_files(arrived))
    told = [
        one for one in audit.timeline(arrived.pk) if one.verb in ("handling.ask_to_open", "handling.open")
    ]
    assert [one.verb for one in told].count("handling.ask_to_open") == 3
    assert next(one for one in told if one.verb == "handling.open").data["places"] == ["AGENT"]
    with desk(office, trusted) as without:
        assert without.round(f"{at}/begin", f"{at}/finish").status_code == 409  # type: ignore[union-attr]


def _enrol(clerk: Desk, one: Holder) -> Any:
    certificate = base64.b64encode(one.asn1.dump()).decode()
    return clerk.round("/encryption/keys/own/begin", "/encryption/keys/own", certificate=certificate)


def _waiting(document: Document) -> Any:
    return opening.encrypted_files(document)[0].pk


def _refuses_keys_that_sign(clerk: Desk, office: worlds.Office, seal: Holder) -> None:
    """Even a request that the site proved opens nothing with a key that only signs."""
    from vanthu_agent.opening import Pkcs1, Transport

    trick = agents.ToOpen("1", "Một tệp", "", Transport(bytes(256), Pkcs1()))
    met = clerk.hello()
    proved = agents.request_for(
        office.clerk, met["pairing"], met["challenge"], "open", certificate=seal.asn1.dump(), items=[trick]
    )
    with pytest.raises(Refused) as refused:
        clerk.door.agent.carry_out(
            clerk.door.agent.sites.all()[0].origin, proved["request"], proved["mac"], lambda: False
        )
    assert refused.value.code == "NOT_AN_ENCRYPTION_KEY"
