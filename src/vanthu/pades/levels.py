"""How durable the signatures in a file are (PAdES B-B, B-T, B-LT, B-LTA), and what a lasting one must carry.

Owns the reading of the level from the file itself, the gathering of certificates and revocation data before a
signature is made, and the instant by which a file needs a newer archive time-stamp. Refuses to judge signatures.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import BinaryIO

from asn1crypto import cms, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from vanthu.pades import policy
from vanthu.pades.certificates import embedded
from vanthu.pades.errors import PadesError, PdfDamaged
from vanthu.pades.keys import KeySource
from vanthu.pades.reading import READING_PROBLEMS, find_signatures, open_reader
from vanthu.pades.report import Evidence
from vanthu.pades.running import run
from vanthu.pades.times import VIET_NAM
from vanthu.pades.timestamps import Timestamper
from vanthu.pades.trust import Standing, Trust, check_chain


class Level(Enum):
    """EN 319 142-1 section 6, in order of durability."""

    BB = "B-B"
    """The signature and its certificate."""
    BT = "B-T"
    """… with a time-stamp that proves when it was there."""
    BLT = "B-LT"
    """… with the certificates and revocation data that judging it needs, inside the file."""
    BLTA = "B-LTA"
    """… under an archive time-stamp, renewed before it weakens."""

    def __ge__(self, other: Level) -> bool:
        order = list(Level)
        return order.index(self) >= order.index(other)


_LONG_AGO = date(1970, 1, 2)


@dataclass(frozen=True)
class Stamp:
    """A time-stamp in a file: inside a signature, or over the document. ``time`` is the authority's instant."""

    token: bytes
    time: datetime
    certificate: x509.Certificate
    digests: tuple[str, ...]
    over_document: bool


def level_of(pdf: bytes | BinaryIO) -> Level | None:
    """The level that every signature in ``pdf`` reaches; None without any. Raises PdfDamaged, PdfEncrypted.

    Looks at what is there, not at whether it is true: that is ``validate``'s."""
    reader = _reader(pdf)
    try:
        return _level(reader, find_signatures(reader).judged)
    except READING_PROBLEMS as problem:
        raise PdfDamaged from problem


def stamps_in(pdf: bytes | BinaryIO) -> list[Stamp]:
    """Every time-stamp in the file, oldest revision first. Raises PdfDamaged, PdfEncrypted."""
    try:
        return list(_stamps(find_signatures(_reader(pdf)).judged))
    except PadesError:
        raise
    except READING_PROBLEMS as problem:
        raise PdfDamaged from problem


def renew_by(pdf: bytes | BinaryIO, *, lead: timedelta) -> datetime:
    """The instant from which the file needs a newer archive time-stamp: ``lead`` before the newest one's
    certificate ends or one of its algorithms is no longer fit; at once (the earliest instant there is) for a file
    below B-LT, whose signatures nothing in it protects. Raises PdfDamaged, PdfEncrypted.

    Source: EN 319 142-1 section 5.5; TT 15/2025/TT-BKHCN; requirement L33.
    """
    level, found = level_of(pdf), stamps_in(pdf)
    if level is None or not level >= Level.BLT:
        return datetime.min.replace(tzinfo=UTC)
    protecting = found[-1:] if level is Level.BLTA else found
    return min(weakens(stamp) for stamp in protecting) - lead


def weakens(stamp: Stamp) -> datetime:
    """When a time-stamp stops being proof: its certificate ends, or one of its algorithms leaves the table."""
    end: datetime = stamp.certificate.not_valid_after
    last_day = policy.weakens_on([stamp.certificate], stamp.digests)
    if last_day is None:
        return end
    return min(end, datetime.combine(max(last_day, _LONG_AGO), time.max, VIET_NAM))


def gather(
    pdf: bytes | BinaryIO | None, key: KeySource, trust: Trust, timestamper: Timestamper, *, at: datetime
) -> Evidence | None:
    """What judging ``pdf`` will need once ``key`` has signed it with a time-stamp: certificates and revocation data
    of the signers so far (none when ``pdf`` is None), of the key's certificate, and of the time-stamping authority.

    None when something cannot be had now (an authority is silent, a certificate is not good): then the signature can
    only be B-T. ``at`` is the present instant. Raises TimestampUnavailable, PdfDamaged. Source: EN 319 142-1 B-LT.
    """
    found = find_signatures(_reader(pdf)).judged if pdf is not None else []
    wanted, others = [key.certificate], [*key.chain]
    for signature in found:
        wanted.append(signature.signer_cert)
        others.extend(embedded(signature.signed_data))
    tokens = [stamp.token for stamp in _stamps(found)]
    tokens.append(_sample_token(timestamper))
    for token in map(_signed_data, tokens):
        wanted.append(extract_certs_for_validation(token).signer_cert)
        others.extend(embedded(token))
    return run(_all_good(wanted, others, trust, at))


async def _all_good(
    wanted: Sequence[x509.Certificate], others: Sequence[x509.Certificate], trust: Trust, at: datetime
) -> Evidence | None:
    gathered = Evidence()
    for certificate in {bytes(item.sha256): item for item in wanted}.values():
        result = await check_chain(certificate, trust, at=at, others=others, at_hand=gathered)
        if result.standing is not Standing.GOOD:
            return None
        gathered = gathered.with_more(result.evidence)
    return gathered


def _sample_token(timestamper: Timestamper) -> bytes:
    """Any token of the authority shows its certificates; pyHanko keeps one to measure by."""
    token: cms.ContentInfo = run(timestamper.async_dummy_response(policy.PRODUCED_DIGEST))
    return bytes(token.dump())


def _signed_data(token: bytes) -> cms.SignedData:
    return cms.ContentInfo.load(token)["content"]


def _reader(pdf: bytes | BinaryIO) -> PdfFileReader:
    return open_reader(io.BytesIO(pdf) if isinstance(pdf, bytes) else pdf)


def _is_stamp(signature: EmbeddedPdfSignature) -> bool:
    return str(signature.sig_object_type) == "/DocTimeStamp"


def durability(reader: PdfFileReader, found: Sequence[EmbeddedPdfSignature]) -> tuple[str, tuple[bytes, ...]]:
    """For the report on an open file whose signatures are known: the level's name and the time-stamp tokens; empty
    where the file is too odd to tell. Raises nothing."""
    try:
        level = _level(reader, found)
        return level.value if level else "", tuple(stamp.token for stamp in _stamps(found))
    except READING_PROBLEMS:
        return "", ()


def _level(reader: PdfFileReader, found: Sequence[EmbeddedPdfSignature]) -> Level | None:
    people = [signature for signature in found if not _is_stamp(signature)]
    if not people:
        return None
    archived = _is_stamp(found[-1])
    if not archived and not all(list(_tokens(signature)) for signature in people):
        return Level.BB
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return Level.BT
    known = {bytes(certificate.sha256) for certificate in store.load_certs()}
    if not (store.ocsps or store.crls) or not known >= {bytes(one.signer_cert.sha256) for one in people}:
        return Level.BT
    return Level.BLTA if archived else Level.BLT


def _tokens(signature: EmbeddedPdfSignature) -> Iterator[cms.SignedData]:
    yield from extract_tst_data_iter(signature.signer_info, signed=False)


def _stamps(found: Sequence[EmbeddedPdfSignature]) -> Iterator[Stamp]:
    for signature in found:
        if _is_stamp(signature):
            yield stamp_of(signature.signed_data, over_document=True)
        else:
            for token in _tokens(signature):
                yield stamp_of(token, over_document=False)


def stamp_of(token: cms.SignedData, *, over_document: bool = True) -> Stamp:
    """A token with what is asked of it; nothing of it is believed."""
    content = token["encap_content_info"]["content"].parsed
    digests = (
        content["message_imprint"]["hash_algorithm"]["algorithm"].native,
        token["signer_infos"][0]["digest_algorithm"]["algorithm"].native,
    )
    whole = cms.ContentInfo({"content_type": "signed_data", "content": token})
    moment: datetime = content["gen_time"].native
    certificate = extract_certs_for_validation(token).signer_cert
    return Stamp(whole.dump(), moment, certificate, digests, over_document)
