"""Encryption on the way out: which recipients get ciphertext, and the files as they then travel.

A packet's header stays readable, for axes route by it and statuses name the document by it; the files are encrypted
for every recipient of the document and for the sender. Refuses to send plainly what somebody decided to encrypt,
unless that was decided too (QĐ 33/2019/QĐ-UBND Đ13).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from asn1crypto import x509

from vanthu import cms
from vanthu.blobs import store
from vanthu.directory.models import Agency
from vanthu.edxml.content import Content, Spool
from vanthu.edxml.model import Attachment
from vanthu.encryption import queries
from vanthu.encryption.models import Without
from vanthu.encryption.rules import LacksCertificate
from vanthu.records.models import Document, DocumentFile

ENDING = ".p7m"


@dataclass
class Plan:
    """What was decided about a document's encryption, applied to its recipients."""

    sender: Agency
    without: Without
    certificates: dict[UUID, list[x509.Certificate]]
    lacking: dict[UUID, Agency]
    _made: dict[tuple[frozenset[UUID], cms.Cipher], tuple[Attachment, ...]] = field(default_factory=dict)

    @property
    def posted(self) -> Collection[UUID]:
        """Recipients who get paper because nothing can be encrypted to them."""
        return self.lacking.keys() if self.without is Without.PAPER else ()

    def readers(self, electronic: Sequence[Agency]) -> frozenset[UUID]:
        """Those of the electronic recipients who get ciphertext. Raises :class:`LacksCertificate`."""
        without = [agency.name for agency in electronic if agency.pk in self.lacking]
        if without and self.without is not Without.PLAIN:
            raise LacksCertificate(names=", ".join(without))
        return frozenset(agency.pk for agency in electronic if agency.pk not in self.lacking)

    def attachments(
        self, files: Sequence[DocumentFile], readers: frozenset[UUID], cipher: cms.Cipher
    ) -> tuple[Attachment, ...]:
        """The files, encrypted for these readers and the sender; made once, whatever number of packets carry them."""
        key = (readers, cipher)
        if key not in self._made:
            wanted = [one for reader in readers for one in self.certificates[reader]]
            wanted += self.certificates.get(self.sender.pk, [])
            self._made[key] = tuple(_encrypted(file, wanted, cipher) for file in files)
        return self._made[key]


def plan_of(document: Document, recipients: Sequence[Agency]) -> Plan | None:
    """The plan for a document; None when it is sent as it is. Two queries at most."""
    choice = queries.choice_of(document)
    return None if choice is None else _plan(document, recipients, Without(choice.without))


def plan_again(document: Document, recipients: Sequence[Agency]) -> Plan:
    """The plan for sending files once more to those who got them encrypted."""
    return _plan(document, recipients, Without.STOP)


def posted(document: Document, recipients: Sequence[Agency]) -> Collection[UUID]:
    """Recipients who would get paper because nothing can be encrypted to them."""
    plan = plan_of(document, recipients)
    return plan.posted if plan else ()


def _plan(document: Document, recipients: Sequence[Agency], without: Without) -> Plan:
    sender = document.agency
    certificates = queries.certificates_for([sender, *recipients])
    lacking = {agency.pk: agency for agency in recipients if agency.pk not in certificates}
    return Plan(sender, without, certificates, lacking)


def _encrypted(
    file: DocumentFile, certificates: Sequence[x509.Certificate], cipher: cms.Cipher
) -> Attachment:
    target = Spool()
    with store.open_blob(file.sha256) as source:
        cms.encrypt(source, target, certificates, size=file.size, cipher=cipher)
    content: Content = target.finish()
    return Attachment(name=f"{file.name}{ENDING}", content=content)
