"""Whom the commands under ``vanthu pdf`` believe: certificates in files and folders, and trusted lists.

Owns the options and their reading. Refuses to believe a list whose signer was not named: by its certificate, by its
fingerprint, or as ``list-signer*.pem`` in the folder of trust.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vanthu.errors import VanthuError

if TYPE_CHECKING:
    from vanthu.pades import Trust
    from vanthu.trustlists import TrustedList

_LIST_SIGNERS, _PUBLIC_ROOTS = "list-signer*.pem", "public-root*.pem"
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")

TrustFiles = Annotated[
    list[Path],
    typer.Option(
        "--trust",
        help="Whom to believe: a PEM file of certificates, or a folder of *.pem; self-signed ones are the roots, in a "
        "folder those in public-root*.pem as public authorities', those in list-signer*.pem only as signers of trusted "
        "lists. May be repeated. Without it the folder in VANTHU_TRUST_DIR.",
    ),
]
TrustedLists = Annotated[
    list[Path],
    typer.Option(
        "--trusted-list",
        help="A trusted list (ETSI TS 119 612) by which to judge; its signature is checked. May be repeated.",
    ),
]
ListSigners = Annotated[
    list[str],
    typer.Option(
        "--list-signer",
        help="Who may sign the lists: a PEM file, or the SHA-256 of a certificate. May be repeated. Without it "
        "list-signer*.pem in the folders of --trust or VANTHU_TRUST_DIR.",
    ),
]


class ListCategory(str, Enum):
    """Whose authorities the lists name."""

    GOVERNMENT = "government"
    PUBLIC = "public"


OfCategory = Annotated[
    ListCategory, typer.Option("--list-category", help="Whose authorities the lists name.")
]


class NoTrust(VanthuError):
    """Without anybody to trust no signature can be judged."""

    code = "NO_TRUST"
    message = (
        "Chưa có danh sách tin cậy nên không kết luận được. Hãy chỉ ra chứng thư số gốc bằng --trust hoặc biến "
        "VANTHU_TRUST_DIR, hay danh sách tin cậy bằng --trusted-list."
    )


class NoListSigner(VanthuError):
    """A list is believed for who signed it, never by itself."""

    code = "NO_LIST_SIGNER"
    message = (
        "Chưa biết ai được ký danh sách tin cậy. Hãy chỉ ra chứng thư số hoặc dấu vân tay SHA-256 của nơi ký bằng "
        "--list-signer, hoặc đặt tệp list-signer*.pem vào thư mục tin cậy."
    )
    rule = "ETSI TS 119 612 6.1"


@dataclass(frozen=True)
class Believed:
    """What was named on the command line."""

    files: list[Path]
    lists: list[Path]
    signers: list[str]
    category: ListCategory

    def trust(self, *, offline: bool, at: datetime | None = None) -> tuple[Trust, list[TrustedList]]:
        """Whom to believe for a judgement as of ``at`` (now when None), and the lists that it rests on.

        Raises :class:`NoTrust`, :class:`NoListSigner`, what ``trustlists.read_list`` raises, OSError.
        """
        from vanthu.pades import Category
        from vanthu.trustlists import read_list

        places = _places(self.files)
        own = _own(places)
        signers = self._signers(places) if self.lists else set[str]()
        moment = at or datetime.now(UTC)
        found = [read_list(file.read_bytes(), signers, at=moment) for file in self.lists]
        if not own.roots and not own.anchors and not found:
            raise NoTrust
        category = Category[self.category.name]
        listed = [anchor for one in found for anchor in one.anchors(category)]
        return replace(own, anchors=(*own.anchors, *listed), allow_fetching=not offline), found

    def _signers(self, places: list[Path]) -> set[str]:
        from vanthu.pades import certificates_in

        named = set[str]()
        for text in self.signers:
            plain = re.sub(r"[\s:]", "", text).lower()
            file = Path(text)
            found = [] if _FINGERPRINT.fullmatch(plain) else _certificates(file.parent, file.name)
            named |= {one.sha256.hex() for one in found} or {plain}
        if not self.signers:
            folders = [place for place in places if place.is_dir()]
            named = {one.sha256.hex() for folder in folders for one in certificates_in(folder, _LIST_SIGNERS)}
        if not named:
            raise NoListSigner
        return named


def _certificates(folder: Path, name: str) -> list[Any]:
    """Those of one PEM file. Raises FileNotFoundError where it is missing or holds none."""
    from vanthu.pades import certificates_in

    found = list(certificates_in(folder, name)) if (folder / name).is_file() else []
    if not found:
        raise FileNotFoundError(
            2, "Không có tệp này, hoặc tệp không có chứng thư số dạng PEM", str(folder / name)
        )
    return found


def _places(named: list[Path]) -> list[Path]:
    folder = os.environ.get("VANTHU_TRUST_DIR")
    places = named or ([Path(folder)] if folder else [])
    for place in places:
        if not place.exists():
            raise FileNotFoundError(2, "Không có tệp hoặc thư mục này", str(place))
    return places


def _own(places: list[Path]) -> Trust:
    """Roots and helpers out of files and folders."""
    from vanthu.pades import Anchor, Category, Trust, certificates_in

    found: list[Any] = []
    public: list[Any] = []
    others: set[bytes] = set()
    for place in places:
        inside = place.is_dir()
        found += certificates_in(place if inside else place.parent, "*.pem" if inside else place.name)
        public += certificates_in(place, _PUBLIC_ROOTS) if inside else ()
        others |= {one.dump() for one in certificates_in(place, _LIST_SIGNERS)} if inside else set()
    apart = others | {one.dump() for one in public}
    return Trust(
        tuple(one for one in found if one.self_signed != "no" and one.dump() not in apart),
        tuple(one for one in found if one.self_signed == "no" and one.dump() not in others),
        anchors=tuple(Anchor(one, Category.PUBLIC) for one in public),
    )
