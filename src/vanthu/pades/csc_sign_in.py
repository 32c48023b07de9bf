"""People prove themselves to a remote signing service in their own browser: OAuth 2.0, authorization code with PKCE.

Owns the two addresses a browser is sent to (one to use the service, one to sign certain hashes), the exchange of the
code that it brings back, and the end of a token. Refuses to remember anything: state and verifier are the caller's to
bind to the browser's session, tokens the caller's to keep encrypted. The address is made of what was configured, never
of what a service answers. Source: CSC API 1.0.4.0 and 2.0.0.2, 8.3–8.4; RFC 6749 4.1, RFC 7636, RFC 7009, RFC 9700.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from vanthu.pades.csc import SHA256_OID, Credential, signing_algorithm
from vanthu.pades.csc_line import Line
from vanthu.pades.errors import (
    PadesError,
    RemoteCodeRefused,
    RemoteNotAllowed,
    RemoteRefused,
    RemoteSignInRefused,
    RemoteUnavailable,
    TooManyAtOnce,
)
from vanthu.pades.schemes import Scheme

MOST_HASHES = 100
"""In one address: browsers and servers cut longer ones."""
SECONDS_UNTOLD = 3600
"""How long an access token is good when the service does not say (CSC API 1.0.4.0, 8.4.4)."""
LONGEST_DESCRIPTION = 200


@dataclass(frozen=True)
class SignIn:
    """One attempt: the browser goes to ``address``; ``state`` and ``verifier`` wait for it in its session."""

    address: str
    state: str
    verifier: str = field(repr=False)


@dataclass(frozen=True)
class Token:
    """What the service gave for a code; ``seconds`` says how long ``access`` is good."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    seconds: int


@dataclass(frozen=True)
class CscSignIn:
    """The OAuth 2.0 server of a service. ``url`` as for CscService; ``redirect`` is where browsers come back to,
    registered at the service. Without ``client_secret`` the site is a public client, which PKCE protects."""

    name: str
    url: str
    client_id: str
    redirect: str
    client_secret: str = field(default="", repr=False)
    version_2: bool = False

    def to_use(self) -> SignIn:
        """For the service scope: the person's keys may be listed and described for some time."""
        return self._begin({"scope": "service"})

    def to_sign(
        self, credential: Credential, messages: Sequence[bytes], *, scheme: Scheme, about: str
    ) -> SignIn:
        """For the credential scope, bound to the SHA-256 of these messages (SCAL 2): what comes back signs these and
        nothing else. ``about`` tells the person on the service's page what is signed.

        Raises TooManyAtOnce, SchemeAbsent.
        """
        most = min(credential.most_at_once, MOST_HASHES)
        if len(messages) > most:
            raise TooManyAtOnce(service=self.name, most=most, wanted=len(messages))
        signing_algorithm(credential, scheme)
        digests = ",".join(_url_safe(hashlib.sha256(message).digest()) for message in messages)
        asked = {
            "scope": "credential",
            "credentialID": credential.credential_id,
            "numSignatures": str(len(messages)),
            "description": about[:LONGEST_DESCRIPTION],
        }
        bound = {"hashes": digests, "hashAlgorithmOID": SHA256_OID} if self.version_2 else {"hash": digests}
        return self._begin(asked | bound)

    def token(self, code: str, verifier: str) -> Token:
        """What the code is good for, once. Raises RemoteCodeRefused, RemoteNotAllowed, RemoteUnavailable."""
        return self._token(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self.redirect,
                "code_verifier": verifier,
            }
        )

    def renewed(self, token: Token) -> Token:
        """A fresh access token for an old one's refresh token; raises as ``token`` does."""
        fresh = self._token({"grant_type": "refresh_token", "refresh_token": token.refresh})
        return Token(fresh.access, fresh.refresh or token.refresh, fresh.seconds)

    def end(self, token: Token) -> None:
        """Have the service forget the token (RFC 7009). Raises RemoteUnavailable, RemoteRefused."""
        for kind, value in (("refresh_token", token.refresh), ("access_token", token.access)):
            if value:
                status, said = self._post("oauth2/revoke", {"token": value, "token_type_hint": kind})
                if status >= 400:
                    raise RemoteRefused(service=self.name, why=str(said.get("error", f"HTTP {status}"))[:200])

    def _begin(self, asked: dict[str, str]) -> SignIn:
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
        challenge = _url_safe(hashlib.sha256(verifier.encode()).digest())
        given = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "lang": "vi-VN",
        }
        return SignIn(f"{self.url.rstrip('/')}/oauth2/authorize?{urlencode(given | asked)}", state, verifier)

    def _token(self, form: dict[str, str]) -> Token:
        status, said = self._post("oauth2/token", form)
        if status == 200 and isinstance(said.get("access_token"), str) and said["access_token"]:
            refresh = said.get("refresh_token")
            return Token(said["access_token"], refresh if isinstance(refresh, str) else "", _seconds(said))
        raise self._refusal(status, said)

    def _post(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        own = {"client_id": self.client_id}
        own |= {"client_secret": self.client_secret} if self.client_secret else {}
        return Line(self.name, self.url.rstrip("/")).post(path, {}, data=form | own)

    def _refusal(self, status: int, said: dict[str, Any]) -> PadesError:
        if status >= 500:
            return RemoteUnavailable(service=self.name)
        if status in (401, 403) or said.get("error") in ("invalid_client", "unauthorized_client"):
            return RemoteNotAllowed(service=self.name)
        return RemoteCodeRefused(service=self.name)


def refused_by(name: str, error: str, described: str) -> PadesError:
    """What the browser brought back instead of a code (RFC 6749, 4.1.2.1)."""
    if error == "access_denied":
        return RemoteSignInRefused(service=name)
    if error in ("server_error", "temporarily_unavailable"):
        return RemoteUnavailable(service=name)
    return RemoteRefused(service=name, why=(described or error)[:200])


def _url_safe(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _seconds(said: dict[str, Any]) -> int:
    try:
        return max(0, int(said.get("expires_in", SECONDS_UNTOLD)))
    except (TypeError, ValueError):
        return SECONDS_UNTOLD
