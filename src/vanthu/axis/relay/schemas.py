"""What the modern door answers. Instants are RFC 3339 with offset."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field, Schema

PacketType = Annotated[str, Field(description="edoc, status, or a type that the axis declares")]


class AboutOut(Schema):
    """The axis and what a client has to know to call it."""

    name: str
    version: int = Field(description="version of this protocol")
    time: datetime = Field(description="the axis' clock")
    algorithms: list[str] = Field(description="signature algorithms (RFC 9421)")
    clockWindowSeconds: int = Field(description="how far a signature's times may be off")
    maxPacketBytes: int
    waitSeconds: int = Field(description="longest wait of /wait")
    receiptKeys: str = Field(description="path of the keys that verify receipts and webhook calls (JWK set)")
    openapi: str


class PacketOut(Schema):
    """An accepted packet."""

    id: UUID
    receipt: str = Field(description="signed receipt (compact JWS) of the acceptance")
    acceptedAt: datetime
    sha256: str
    size: int
    notices: list[dict[str, str]] = Field(description="what the sender should know: code, successor, text")
    trials: list[str] = Field(
        description="codes of the recipients to which it goes as a trial: one side is not live"
    )


class ProofOut(Schema):
    """The sender system's message signature over its upload."""

    keyId: str
    base: str = Field(description="signature base (RFC 9421 section 2.5)")
    signature: str = Field(description="base64")


class DeliveryOut(Schema):
    """One packet that is for the caller."""

    id: UUID
    type: PacketType
    sender: str
    recipient: str
    state: Literal["initial", "processing", "done", "fail"]
    priority: int
    trial: bool = Field(description="sent to try the exchange: one side was not live when it was accepted")
    sha256: str | None = Field(
        description="none for another axis: it gets the packet with a hop in its trace"
    )
    size: int | None
    createdAt: datetime
    updatedAt: datetime
    proof: ProofOut | None = Field(
        None, description="statuses only; of a document ask /deliveries/{id}/proof"
    )


class DeliveriesOut(Schema):
    """What waits, urgent first."""

    deliveries: list[DeliveryOut]


class SentOut(Schema):
    """One recipient of a packet that the caller sent."""

    packet: UUID
    delivery: UUID
    type: PacketType
    sender: str
    recipient: str
    successor: str = Field(description="code of the agency that got it in place of a dissolved one; or empty")
    state: Literal["initial", "processing", "done", "fail"]
    trial: bool = Field(description="sent to try the exchange, not officially")
    description: str
    acceptedAt: datetime
    handedOverAt: datetime | None
    acknowledgedAt: datetime | None


class SentPacketOut(Schema):
    """A packet that the caller sent, one row per recipient."""

    recipients: list[SentOut]


class StateIn(Schema):
    """How far the recipient's system is; ``done`` only after durable storage."""

    state: Literal["processing", "done", "fail"]
    description: str = Field("", max_length=500)


class StateOut(Schema):
    """The transport state after an acknowledgement."""

    id: UUID
    state: str
    acknowledgedAt: datetime | None


class WaitingOut(Schema):
    """How much waits, counted to 1000 each; pass ``known`` with the next wait."""

    edoc: int
    status: int
    other: int = Field(description="of the types that the axis declares")
    known: str


class PublicationOut(Schema):
    """Which certificates contents for an agency are encrypted to, as its own system signed it (or in)."""

    statement: str = Field(
        max_length=8000, description="compact JWS: agency, at, SHA-256 of all certificates"
    )
    key: dict[str, str] = Field(description="the public key (JWK) that signed the statement")
    certificates: list[str] = Field(max_length=4, description="base64 of DER; none: encrypt no longer")


class AgencyOut(Schema):
    """One agency of the axis' list."""

    id: UUID
    code: str
    codes: list[str] = Field(description="every code it goes or went by")
    name: str
    parent: str
    email: str
    level: int
    system: str = Field(description="system id of its member")
    stage: str = Field(description="how far it is on its way onto the axis; only LIVE exchanges officially")
    locked: bool
    deleted: bool = Field(description="left the axis, or ceased to exist")
    successor: str = Field(description="code of who gets its mail after a merger; or empty")
    encryption: PublicationOut | None = Field(description="what the agency published for being encrypted to")
    version: int
    modifiedAt: datetime


class AgenciesOut(Schema):
    """A page of changes; ask again after ``version`` while ``more``."""

    version: int
    more: bool
    reset: bool = Field(
        description="the version asked for is none of this list: this is its beginning, forget what you have"
    )
    agencies: list[AgencyOut]


class TrialItemOut(Schema):
    """One thing that an agency has to show by real packets before it goes live."""

    item: str = Field(description="stable name")
    text: str = Field(description="in Vietnamese")
    passedAt: datetime | None
    docId: UUID | None = Field(description="the packet that showed it, by the id that the caller knows it by")


class GapOut(Schema):
    """What the last survey found missing."""

    area: str
    text: str = Field(description="the area in Vietnamese")
    lack: str


class OnboardingAgencyOut(Schema):
    """How far one agency of the caller is on its way onto the axis."""

    code: str
    name: str
    stage: str = Field(description="NOT_READY, READY, CONNECTED, TRIAL_PASSED or LIVE")
    stageAt: datetime | None
    items: list[TrialItemOut]
    gaps: list[GapOut]


class PartnerOut(Schema):
    """An agency with which everything can be tried."""

    code: str
    name: str


class OnboardingOut(Schema):
    """The caller's agencies by code; ask again ``after`` the last code while ``more``."""

    agencies: list[OnboardingAgencyOut]
    more: bool
    partners: list[PartnerOut]


class KeyOut(Schema):
    """A member's public key."""

    kid: str
    jwk: dict[str, str]
    system: str
    createdAt: datetime
    revokedAt: datetime | None


class WebhookIn(Schema):
    """Where to call when something waits."""

    url: str = Field(max_length=500)


class WebhookOut(Schema):
    """A webhook and how its calls go."""

    id: UUID
    url: str
    createdAt: datetime
    toldAt: datetime | None
    failures: int
    lastError: str
    nextTryAt: datetime | None
    pausedAt: datetime | None = Field(description="since when the operator has it not called")


class WebhooksOut(Schema):
    """The caller's webhooks."""

    webhooks: list[WebhookOut]


class SentCount(Schema):
    """Packets sent of one kind."""

    type: PacketType
    count: int
    bytes: int


class ReceivedCount(Schema):
    """Packets received of one kind in one transport state."""

    type: PacketType
    state: str
    count: int


class StatisticsOut(Schema):
    """Counts of the caller's own traffic."""

    since: datetime
    until: datetime
    sent: list[SentCount]
    received: list[ReceivedCount]


class ProblemOut(Schema):
    """Why a call was refused (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str = Field(description="Vietnamese sentence: what is wrong and what to do")
    code: str = Field(description="stable code of the error")
    errorCode: str = Field(description="ErrorCode of the VXP answer for the same fault; may be empty")
    mustAct: str = Field(description="who has to do something about it")
    receipt: str = Field("", description="signed refusal (compact JWS) of a packet that was not taken")
