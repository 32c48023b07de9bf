"""Writing certificates and revocation data into a PDF (the document security store, EN 319 142-1 section 5.4).

Owns that one object. Refuses to decide what belongs in it.
"""

from __future__ import annotations

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.validation.dss import DocumentSecurityStore

from vanthu.pades.report import Evidence


def supply(writer: IncrementalPdfFileWriter, evidence: Evidence) -> None:
    """Add ``evidence`` to the store of the revision being written; what is there already is not repeated."""
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None,
        certs=[x509.Certificate.load(der) for der in evidence.certificates],
        ocsps=[asn1_ocsp.OCSPResponse.load(der) for der in evidence.ocsps],
        crls=[asn1_crl.CertificateList.load(der) for der in evidence.crls],
    )
