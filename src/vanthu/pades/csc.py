"""Keys at a remote signing service, through the API of the Cloud Signature Consortium (1.0.4 and 2.0).

Owns the calls (info, credentials/list, /info, /sendOTP, /authorize, signatures/signHash), the site's access token, and
what the service's answers mean for the person who signs. People's own tokens come from ``csc_sign_in``. Refuses to keep
PIN, one-time password or activation data longer than one signing; refuses signatures that are fewer than was asked for.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from asn1crypto import algos, x509

from vanthu.pades import policy
from vanthu.pades.csc_line import Line
from vanthu.pades.errors import (
    KeyDamaged,
    PadesError,
    RemoteKeyUnknown,
    RemoteNotAllowed,
    RemoteOtpWrong,
    RemotePinWrong,
    RemoteRefused,
    RemoteSignInNeeded,
    RemoteUnavailable,
    SchemeAbsent,
    TooManyAtOnce,
)
from vanthu.pades.keys import require_validity
from vanthu.pades.schemes import Scheme, pss_parameters, scheme_for

DIGEST = "sha256"
PSS_OID = "1.2.840.113549.1.1.10"
SHA256_OID = "2.16.840.1.101.3.4.2.1"
_ALGORITHMS = {"rsa": "sha256_rsa", "ec": "sha256_ecdsa"}
_PLAIN_RSA = "1.2.840.113549.1.1.1"
"""rsaEncryption: what version 1 of the API calls PKCS#1 v1.5 with a separate hash."""


@dataclass(frozen=True)
class CscAccess:
    """How a call proves itself to the service: by a bearer token, the site's or (``personal``) a person's own, or as an
    OAuth 2.0 client (client credentials)."""

    token: str = field(default="", repr=False)
    personal: bool = False
    client_id: str = ""
    client_secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Credential:
    """A key as the service describes it."""

    credential_id: str
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    algorithms: tuple[str, ...]
    wants_pin: bool
    wants_otp: bool
    otp_online: bool
    """The service sends the one-time password when it is asked to (sendOTP)."""
    most_at_once: int
    signs_in: bool = False
    """Its owner proves themselves to the service in the browser, for each signing."""


class CscService:
    """One remote signing service; ``url`` ends with the version, as in ``https://…/csc/v1``."""

    def __init__(self, name: str, url: str, access: CscAccess | None = None) -> None:
        self.name, self._url = name, url.rstrip("/")
        self._line = Line(name, self._url)
        self._access = access or CscAccess()
        self._bearer = self._access.token

    @property
    def version_2(self) -> bool:
        """Whether version 2 of the API is spoken."""
        return self._url.endswith("/v2")

    def sign_in_url(self) -> str:
        """Where the service says that its OAuth 2.0 server is; its own address when it says nothing.

        Raises RemoteUnavailable, RemoteRefused. Source: CSC API 1.0.4.0, 11.1.
        """
        said = self._call("info", {}).get("oauth2")
        return said.rstrip("/") if isinstance(said, str) and said else self._url

    def credentials(self, user_id: str = "") -> list[str]:
        """The keys that the site may use. Raises RemoteUnavailable, RemoteNotAllowed, RemoteRefused."""
        asked = {"userID": user_id} if user_id else {}
        found = self._call("credentials/list", asked).get("credentialIDs", [])
        return [str(item) for item in found][:1000] if isinstance(found, list) else []

    def credential(self, credential_id: str) -> Credential:
        """What the service says of one key. Raises RemoteKeyUnknown besides."""
        said = self._call(
            "credentials/info", {"credentialID": credential_id, "certificates": "chain"}, about=credential_id
        )
        try:
            return self._read(credential_id, said)
        except (KeyError, TypeError, ValueError, IndexError) as problem:
            raise KeyDamaged from problem

    def send_otp(self, credential_id: str) -> None:
        """Have the service send a one-time password to the key's owner."""
        self._call("credentials/sendOTP", {"credentialID": credential_id}, about=credential_id)

    def sign(
        self,
        credential: Credential,
        messages: Sequence[bytes],
        *,
        pin: str,
        otp: str,
        scheme: Scheme = Scheme.PKCS1V15,
    ) -> list[bytes]:
        """The bare signatures over the messages' SHA-256, all authorized at once.

        Raises TooManyAtOnce, SchemeAbsent, RemotePinWrong, RemoteOtpWrong, RemoteRefused, RemoteUnavailable.
        """
        signing_algorithm(credential, scheme)
        if len(messages) > credential.most_at_once:
            raise TooManyAtOnce(service=self.name, most=credential.most_at_once, wanted=len(messages))
        digests = [base64.b64encode(hashlib.sha256(message).digest()).decode() for message in messages]
        asked: dict[str, Any] = {"credentialID": credential.credential_id, "numSignatures": len(digests)}
        asked |= self._hashes(digests)
        asked |= {"PIN": pin} if credential.wants_pin else {}
        asked |= {"OTP": otp} if credential.wants_otp else {}
        about = credential.credential_id
        activation = self._call("credentials/authorize", asked, about=about).get("SAD")
        if not isinstance(activation, str) or not activation:
            raise RemoteRefused(service=self.name, why="không cấp quyền ký")
        return self._signed(credential, digests, scheme, {"SAD": activation})

    def sign_authorized(
        self, credential: Credential, messages: Sequence[bytes], *, token: str, scheme: Scheme
    ) -> list[bytes]:
        """The bare signatures over the messages' SHA-256 that the key's owner authorized in the browser: ``token`` is
        of the credential scope and good for these alone. In version 1 of the API it is the activation data beside the
        access token, in version 2 it proves the call by itself.

        Raises SchemeAbsent, RemoteRefused, RemoteUnavailable. Source: CSC API 1.0.4.0 and 2.0.0.2, 11.9–11.10.
        """
        digests = [base64.b64encode(hashlib.sha256(message).digest()).decode() for message in messages]
        if self.version_2:
            bearer = CscService(self.name, self._url, CscAccess(token=token, personal=True))
            return bearer._signed(credential, digests, scheme, {})
        return self._signed(credential, digests, scheme, {"SAD": token})

    def _signed(
        self, credential: Credential, digests: list[str], scheme: Scheme, activation: dict[str, str]
    ) -> list[bytes]:
        about = credential.credential_id
        asked = {"credentialID": about, **activation, **signing_algorithm(credential, scheme)}
        said = self._call("signatures/signHash", asked | self._hashes(digests), about=about)
        return self._signatures(said.get("signatures"), len(digests))

    def _hashes(self, digests: list[str]) -> dict[str, Any]:
        """Version 1 says ``hash`` and ``hashAlgo``, version 2 ``hashes`` and ``hashAlgorithmOID``."""
        if self.version_2:
            return {"hashes": digests, "hashAlgorithmOID": SHA256_OID}
        return {"hash": digests, "hashAlgo": SHA256_OID}

    def _signatures(self, said: Any, wanted: int) -> list[bytes]:
        if not isinstance(said, list) or len(said) != wanted:
            raise RemoteRefused(service=self.name, why="trả về thiếu chữ ký")
        try:
            return [base64.b64decode(item, validate=True) for item in said]
        except (TypeError, ValueError) as problem:
            raise RemoteRefused(service=self.name, why="trả về chữ ký không đọc được") from problem

    def _read(self, credential_id: str, said: dict[str, Any]) -> Credential:
        if said["key"].get("status") != "enabled" or said["cert"].get("status", "valid") != "valid":
            raise RemoteKeyUnknown(service=self.name, credential=credential_id)
        encoded = said["cert"]["certificates"]
        loaded = [x509.Certificate.load(base64.b64decode(item), strict=True) for item in encoded]
        auth = said.get("auth", {})  # version 2 groups what version 1 has side by side
        mode = said.get("authMode") or auth.get("mode", "implicit")
        pin, otp = said.get("PIN", {}), said.get("OTP", {})
        return Credential(
            credential_id,
            loaded[0],
            tuple(loaded[1:]),
            tuple(str(item) for item in said["key"]["algo"]),
            wants_pin=mode == "explicit" and pin.get("presence", "true") != "false",
            wants_otp=mode == "explicit" and otp.get("presence", "false") != "false",
            otp_online=otp.get("type") == "online",
            most_at_once=max(1, int(said.get("multisign", 1))),
            signs_in=mode == "oauth2code",
        )

    def _call(self, path: str, asked: dict[str, Any], *, about: str = "") -> dict[str, Any]:
        status, said = self._post(path, asked)
        if status == 401 and self._access.client_id and self._renew():
            status, said = self._post(path, asked)
        if status == 200:
            return said
        raise self._refusal(status, said, about)

    def _post(self, path: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if not self._bearer and self._access.client_id:
            self._renew()
        headers = {"Authorization": f"Bearer {self._bearer}"} if self._bearer else {}
        return self._line.post(path, headers, json=asked)

    def _renew(self) -> bool:
        """Get an access token for the site (RFC 6749, 4.4)."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self._access.client_id,
            "client_secret": self._access.client_secret,
        }
        status, said = self._line.post("oauth2/token", {}, data=form)
        self._bearer = str(said.get("access_token", "")) if status == 200 else ""
        if not self._bearer:
            raise RemoteNotAllowed(service=self.name)
        return True

    def _refusal(self, status: int, said: dict[str, Any], about: str) -> PadesError:
        """The service's error as a refusal (CSC API 1.0.4.0, 10.1; the codes are strings there)."""
        code = str(said.get("error", ""))
        why = str(said.get("error_description", code))[:200]
        words = why.lower()
        if code == "invalid_pin" or (code == "invalid_request" and "pin" in words.split()):
            return RemotePinWrong()
        if code == "invalid_otp" or (code == "invalid_request" and "otp" in words.split()):
            return RemoteOtpWrong()
        if status == 401 and self._access.personal:
            return RemoteSignInNeeded(service=self.name)
        if status in (401, 403) or code in ("invalid_client", "access_denied", "invalid_token"):
            return RemoteNotAllowed(service=self.name)
        if status == 404 or "credentialid" in words:
            return RemoteKeyUnknown(service=self.name, credential=about)
        if status >= 500:
            return RemoteUnavailable(service=self.name)
        return RemoteRefused(service=self.name, why=why or f"HTTP {status}")


class CscKey:
    """A key at the service, with what its owner typed for this one signing."""

    def __init__(
        self,
        service: CscService,
        credential: Credential,
        *,
        pin: str = "",
        otp: str = "",
        scheme: Scheme = Scheme.PKCS1V15,
    ) -> None:
        self._service, self._credential = service, credential
        self.scheme = scheme_for(credential.certificate, scheme)
        self._pin, self._otp = pin, otp
        self.certificate, self.chain = credential.certificate, credential.chain

    @classmethod
    def open(
        cls,
        service: CscService,
        credential_id: str,
        *,
        pin: str = "",
        otp: str = "",
        at: datetime | None = None,
        scheme: Scheme = Scheme.PKCS1V15,
    ) -> CscKey:
        """The key, its certificate valid at ``at`` (an instant; now when None). The PIN is tried only by
        signing.

        Raises RemoteUnavailable, RemoteNotAllowed, RemoteKeyUnknown, RemoteRefused, KeyDamaged, KeyTooWeak,
        CertificateExpired, CertificateNotYetValid. Source: CSC API 1.0.4.0, 11.5–11.9.
        """
        credential = service.credential(credential_id)
        instant = at or datetime.now(UTC)
        policy.require_key(credential.certificate, instant)
        require_validity(credential.certificate, instant)
        return cls(service, credential, pin=pin, otp=otp, scheme=scheme)

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        """See KeySource."""
        if digest_algorithm != DIGEST:
            raise ValueError(f"the service is asked for {DIGEST} only")
        return self.sign_all([data])[0]

    def sign_all(self, messages: Sequence[bytes]) -> list[bytes]:
        """See SignsMany: one authorization for all."""
        return self._service.sign(
            self._credential, messages, pin=self._pin, otp=self._otp, scheme=self.scheme
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pin = self._otp = ""


def signing_algorithm(credential: Credential, scheme: Scheme) -> dict[str, str]:
    """``signAlgo`` and, for PSS, ``signAlgoParams`` (CSC API 1.0.4.0, 11.9). Raises SchemeAbsent."""
    if scheme is Scheme.PSS:
        if PSS_OID not in credential.algorithms:
            raise SchemeAbsent
        return {"signAlgo": PSS_OID, "signAlgoParams": base64.b64encode(pss_parameters().dump()).decode()}
    kind = credential.certificate.public_key.algorithm
    wanted = str(algos.SignedDigestAlgorithmId(_ALGORITHMS[kind]).dotted)
    plain = _PLAIN_RSA if kind == "rsa" else wanted
    return {
        "signAlgo": wanted if wanted in credential.algorithms or plain not in credential.algorithms else plain
    }
