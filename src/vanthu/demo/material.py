"""Keys, certificates, trust list and pictures of the demo people, in a folder that clusters may share.

Owns the folder's layout: ``pki`` (the make-believe authority and the PKCS#12 files), ``trust`` (what sites
trust), ``images`` (handwritten signatures and seals). Refuses to make anything twice.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from vanthu.demo import images, pki, sites
from vanthu.formalities.fonts import tinos_folder

PASSPHRASE = pki.DEMO_PASSPHRASE


@dataclass(frozen=True)
class Material:
    """The folder and what lies where in it."""

    folder: Path

    @property
    def pki(self) -> Path:
        """The authority's folder."""
        return self.folder / "pki"

    @property
    def trust(self) -> Path:
        """The folder for ``VANTHU_TRUST_DIR``."""
        return self.folder / "trust"

    def p12(self, slug: str) -> Path:
        """The PKCS#12 file of a person or an agency."""
        return pki.p12_path(self.pki, slug)

    def image(self, slug: str) -> Path:
        """The PNG of a person's handwritten signature or of an agency's seal."""
        return self.folder / "images" / f"{slug}.png"

    def make(self, port: int) -> None:
        """Make what is missing; ``port`` is where the authority's services will answer on 127.0.0.1."""
        wanted = _fingerprint(port)
        stamp = self.folder / "made"
        if stamp.exists() and stamp.read_text() == wanted:
            return
        people = [
            pki.PersonCert(person.slug, person.full_name, agency.name, person.position)
            for agency, person in sites.signers()
        ]
        agencies = [
            pki.AgencyCert(agency.slug, agency.name, agency.organ_id) for agency in sites.sealing_agencies()
        ]
        agencies += [
            pki.AgencyCert(agency.encryption_slug, agency.name, agency.organ_id, encrypts=True)
            for agency in sites.sealing_agencies()
            if agency.encrypts
        ]
        pki.create(self.pki, people, agencies, port=port)
        self._make_trust()
        self._make_images()
        stamp.write_text(wanted)

    def _make_trust(self) -> None:
        self.trust.mkdir(parents=True, exist_ok=True)
        for source, target in (("root.pem", "root.pem"), ("issuer.pem", "intermediate.pem")):
            shutil.copyfile(self.pki / source, self.trust / target)

    def _make_images(self) -> None:
        (self.folder / "images").mkdir(exist_ok=True)
        for _, person in sites.signers():
            if not self.image(person.slug).exists():
                self.image(person.slug).write_bytes(images.signature(person.full_name))
        font = next(tinos_folder().glob("**/Tinos_700Bold.ttf"))
        for agency in sites.sealing_agencies():
            if not self.image(agency.slug).exists():
                self.image(agency.slug).write_bytes(images.seal(agency.name, font=font))


def _fingerprint(port: int) -> str:
    """What the folder's content depends on: who takes part, on which port, and how it is made."""
    makers = [Path(module.__file__ or "").read_bytes() for module in (images, pki, sites)]
    return hashlib.sha256(b"\0".join([str(port).encode(), *makers])).hexdigest()
