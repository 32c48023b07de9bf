"""The agent without its door and window: pairing, listing certificates, signing, opening what was encrypted.

Owns the order: proof first, then the device, then the person, then the PIN, then the work. Refuses by the
codes of ``words``. The PIN lives in one local variable.
"""

from __future__ import annotations

import base64
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vanthu_agent import device, opening
from vanthu_agent.asked import (
    Ask,
    Challenges,
    Item,
    Refused,
    named_pairing,
    proof,
    read,
    require_encryption_key,
    require_signed_attributes,
)
from vanthu_agent.device import DeviceTrouble, Found, OpenKey
from vanthu_agent.questions import Question, Questions
from vanthu_agent.sites import PairingCode, Site, Sites
from vanthu_agent.words import said


@dataclass
class Agent:
    """What is paired, what can be asked, whom to ask."""

    sites: Sites
    questions: Questions
    libraries: Sequence[Path]
    code: PairingCode = field(default_factory=PairingCode)
    challenges: Challenges = field(default_factory=Challenges)

    def pair(self, origin: str, given: dict[str, Any], is_gone: Callable[[], bool]) -> dict[str, Any]:
        """Keep a site whose page knows the code shown here, after the person agreed. Raises Refused."""
        self.code.use(str(given.get("code", "")))
        site = Site(
            origin,
            str(given["pairing"])[:100],
            str(given["secret"])[:200],
            str(given.get("site", ""))[:200],
            str(given.get("person", ""))[:200],
        )
        self.questions.ask(Question("pair", origin, site.person, site.name), is_gone)
        self.sites.add(site)
        self.questions.tell(f"Đã ghép nối với {origin}.")
        return {
            "pairing": site.pairing,
            "proof": proof(site.secret, f"paired {site.pairing}"),
            "computer": platform.node()[:100],
        }

    def carry_out(self, origin: str, text: str, mac: str, is_gone: Callable[[], bool]) -> dict[str, Any]:
        """Do what a paired site asks; ``is_gone`` tells whether its page was closed. Raises Refused, DeviceTrouble."""
        named = named_pairing(text)
        site = next((one for one in self.sites.of(origin) if one.pairing == named), None)
        if site is None:
            raise Refused("REQUEST_NOT_PROVED")
        ask = read(text, mac, secret=site.secret, pairing=site.pairing, challenges=self.challenges)
        if ask.do == "certificates":
            return {"certificates": [_described(found) for found in self._held()]}
        if ask.do == "look":
            self._find(ask.certificate)
            return {}
        if ask.do == "sign" and ask.items:
            return {"signatures": self._sign(site, ask, is_gone)}
        if ask.do == "open" and ask.items:
            return {"keys": self._open(site, ask, is_gone)}
        raise Refused("REQUEST_UNREADABLE")

    def _sign(self, site: Site, ask: Ask, is_gone: Callable[[], bool]) -> dict[str, str]:
        found = self._find(ask.certificate)
        for item in ask.items:
            require_signed_attributes(item, found.certificate)
        signed = self._with_key("sign", site, ask, found, is_gone, _signature)
        self.questions.tell(f"Đã ký {len(signed)} tệp cho {site.origin}.")
        return signed

    def _open(self, site: Site, ask: Ask, is_gone: Callable[[], bool]) -> dict[str, str]:
        """The content keys of the files; those that are damaged are left out."""
        found = self._find(ask.certificate)
        require_encryption_key(found.certificate)
        if any(item.sealed is None for item in ask.items):
            raise Refused("REQUEST_UNREADABLE")
        opened = self._with_key("open", site, ask, found, is_gone, _content_key)
        self.questions.tell(f"Đã mở {len(opened)} tệp mã hóa cho {site.origin}.")
        return opened

    def _with_key(
        self,
        kind: str,
        site: Site,
        ask: Ask,
        found: Found,
        is_gone: Callable[[], bool],
        work: Callable[[OpenKey, Item], bytes],
    ) -> dict[str, str]:
        """What the device makes of each item after its owner agreed and gave the PIN."""
        subject = device.owner_of(found.certificate)
        question = Question(kind, site.origin, ask.person, site.name, subject, ask.items)
        try:
            pin = self.questions.ask(question, is_gone)
        except Refused as refused:
            self.questions.tell(said(refused.code))
            raise
        try:
            with OpenKey(found, pin) as key:
                made = {item.item_id: work(key, item) for item in ask.items}
        except DeviceTrouble as trouble:
            self.questions.tell(said(trouble.code))
            raise
        return {name: base64.b64encode(one).decode() for name, one in made.items() if one}

    def _find(self, fingerprint: str) -> Found:
        held = self._held()
        for found in held:
            if found.fingerprint == fingerprint:
                return found
        raise Refused("CERTIFICATE_DIFFERS" if held else "TOKEN_ABSENT")

    def _held(self) -> list[Found]:
        held = device.certificates(self.libraries)
        if not held:
            raise Refused("TOKEN_ABSENT")
        return held


def _signature(key: OpenKey, item: Item) -> bytes:
    return key.sign(item.digest, pss=item.pss)


def _content_key(key: OpenKey, item: Item) -> bytes:
    assert item.sealed is not None
    try:
        return opening.answered(key, item.sealed)
    except opening.Damaged:
        return b""


def _described(found: Found) -> dict[str, Any]:
    return {
        "token": found.token,
        "serial": found.serial,
        "name": device.owner_of(found.certificate),
        "issuer": found.certificate.issuer.native.get("common_name", ""),
        "until": found.certificate.not_valid_after.strftime("%d/%m/%Y"),
        "certificate": base64.b64encode(found.certificate.dump()).decode(),
        "chain": [base64.b64encode(one.dump()).decode() for one in found.chain],
    }
