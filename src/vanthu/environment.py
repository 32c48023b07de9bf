"""Everything an operator can set, as typed environment variables; ``vanthu settings`` prints this table.

Owns names, types, defaults and their explanation. Secrets may be given as files (``*_FILE``), so that they never
stand in a process list or a log.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class SiteKind(str, Enum):
    """What this process serves. ``both`` is for the test suite, which looks at all rooms in one process."""

    AGENCY = "agency"
    AXIS = "axis"
    BOTH = "both"


class ParentAcknowledge(str, Enum):
    """When an axis tells its parent that a packet has arrived."""

    RECIPIENT = "recipient"
    STORAGE = "storage"


class SignatureAppearance(str, Enum):
    """Which rules say what a signature shows (``legal.signatures``)."""

    ND30_2020 = "ND30_2020"
    TT01_2019 = "TT01_2019"


class SignerBlockRule(str, Enum):
    """What becomes of a document whose page names another signer or prefix than the authority it is signed by."""

    REFUSE = "refuse"
    REMARK = "remark"


class RecalledContent(str, Enum):
    """What becomes of the content of a received document that its sender took back (NĐ 30/2020 PL VI III.8.b)."""

    SEAL = "SEAL"
    PURGE = "PURGE"


class RsaSignatures(str, Enum):
    """How RSA keys sign (``pades.schemes``)."""

    PKCS1V15 = "PKCS1V15"
    PSS = "PSS"


class PublicCertificates(str, Enum):
    """What becomes of a state agency's own key under a public authority (R104)."""

    REFUSE = "refuse"
    REMARK = "remark"


class SignatureLevel(str, Enum):
    """How durable the signatures are that this site makes (EN 319 142-1)."""

    BB = "B-B"
    BT = "B-T"
    BLT = "B-LT"
    BLTA = "B-LTA"


class Environment(BaseSettings):
    """The settings of one site. Each variable carries the prefix ``VANTHU_``."""

    model_config = SettingsConfigDict(env_prefix="VANTHU_", extra="ignore")

    site_kind: SiteKind = Field(SiteKind.BOTH, description="agency: agency site; axis: axis site")
    site_name: str = Field("Vanthu", description="name shown in the page header")
    site_code: str = Field(
        "site",
        description="short ASCII name of the site, unique among connected sites; named in every log line",
    )
    base_url: str = Field("http://127.0.0.1:8000", description="address under which people reach the site")
    allowed_hosts: str = Field("127.0.0.1,localhost,testserver", description="host names, comma-separated")
    database_url: str = Field(
        "postgresql://postgres@/vanthu?host=var/pg", description="PostgreSQL 15 or later (libpq URL)"
    )
    data_dir: Path = Field(
        Path("var"), description="folder for everything the site writes outside the database"
    )
    blob_dir: Path = Field(Path("var/blobs"), description="content-addressed file store")
    secret_key_file: Path | None = Field(None, description="file with the Django secret key (50+ characters)")
    debug: bool = Field(False, description="Django debug pages; never in production")
    demo: bool = Field(False, description="demo mode: the sign-in page lists the demo people")
    demo_dir: Path = Field(Path("var/demo"), description="demo mode: folder with the demo keys and images")
    trusted_proxies: str = Field(
        "",
        description="networks of the proxies in front, comma-separated; only from them is X-Forwarded-For taken",
    )
    https: bool = Field(False, description="the site is behind TLS: secure cookies, HSTS")
    log_json: bool = Field(True, description="one JSON object per log line; false: coloured lines for people")
    log_level: str = Field("INFO", description="lowest level that is logged")
    max_upload_mb: int = Field(50, ge=1, le=2048, description="largest file a person may upload, MB")
    public_check_mb: int = Field(
        25, ge=1, le=200, description="agency site: largest file that anyone may have checked at /check/, MB"
    )
    public_checks_per_minute: int = Field(
        6, ge=0, description="agency site: files a minute that one network may have checked at /check/"
    )
    public_lookups_per_minute: int = Field(
        30, ge=0, description="agency site: codes of copies a minute that one network may look up"
    )
    trust_dir: Path | None = Field(
        None,
        description="folder of PEM files: root*.pem (government), public-root*.pem (public authorities), "
        "intermediate*.pem",
    )
    trust_keeper: str = Field(
        "",
        description="agency site: identifier of the agency whose administrators keep the trusted lists; empty: the "
        "only agency of the site",
    )
    public_certificates: PublicCertificates = Field(
        PublicCertificates.REFUSE,
        description="agency site: a key whose certificate a public authority issued is refused when a state agency "
        "registers it, or only remarked on",
    )
    tsa_url: str = Field(
        "", description="RFC 3161 time-stamping service; empty: signatures without time-stamp"
    )
    hsm_library: Path | None = Field(
        None, description="agency site: PKCS#11 library of the HSM at the server; empty: none"
    )
    agent_port: int = Field(
        27182,
        ge=1024,
        le=65535,
        description="agency site: port on which vanthu-agent listens on people's own computers",
    )
    signature_level: SignatureLevel = Field(
        SignatureLevel.BLT,
        description="how durable sealed documents are made: B-B, B-T (time-stamp), B-LT (with certificates and "
        "revocation data, TT 15/2025/TT-BKHCN PL II), B-LTA (with an archive time-stamp); without TSA_URL always B-B",
    )
    rsa_signatures: RsaSignatures = Field(
        RsaSignatures.PKCS1V15,
        description="agency site: how RSA keys sign: PKCS1V15, which every token and reader knows, or PSS "
        "(TT 15/2025/TT-BKHCN PL I); both are verified",
    )
    archive_lead_days: int = Field(
        90,
        ge=1,
        description="agency site: how long before a time-stamp weakens an archived form gets a newer one, days",
    )
    revocation_fetch: bool = Field(True, description="ask OCSP/CRL addresses named in certificates")
    revocation_memory_seconds: float = Field(
        60.0, ge=0, description="how long an OCSP or CRL answer about a certificate serves for other files"
    )
    signature_form: SignatureAppearance = Field(
        SignatureAppearance.ND30_2020,
        description="agency site: what signatures show: ND30_2020 (seal alone, text alone on copies) or TT01_2019 "
        "(name and time with the seal, seal on copies), for agencies whose regulation names that circular",
    )
    signer_block: SignerBlockRule = Field(
        SignerBlockRule.REFUSE,
        description="agency site: a page that prints another name or prefix than the signer's authority is refused "
        "when it is signed, or the drafter only gets a remark (for trials with papers of other agencies)",
    )
    seal_diameter_mm: float = Field(
        36.0,
        ge=15,
        le=90,
        description="agency site: width of a seal whose picture does not tell its real size, millimetres",
    )
    check_seconds: int = Field(
        30, ge=1, description="processor seconds that the check of one file's signatures may take"
    )
    check_memory_mb: int = Field(
        512, ge=64, description="memory that the check of one file's signatures may take, MB"
    )
    encryption_product: str = Field(
        "",
        description="agency site: the licensed civil cryptography product in use, shown beside the encryption keys",
    )
    axis_url: str = Field("", description="agency site: address of the axis; empty: no axis")
    axis_system_id: str = Field("", description="agency site: system id that the axis operator gave")
    axis_secret_file: Path | None = Field(None, description="agency site: file with the axis secret")
    axis_poll_seconds: float = Field(
        2.0, gt=0, description="agency site: pause between two looks at the axis"
    )
    axes_file: Path | None = Field(
        None, description="agency site with several axes: TOML file that declares them, instead of AXIS_URL"
    )
    recall_destroys_content: RecalledContent = Field(
        RecalledContent.SEAL,
        description="agency site: what becomes of a received document that its sender took back: SEAL keeps its "
        "content out of everybody's reach, PURGE destroys it",
    )
    axis_key_file: Path | None = Field(None, description="axis site: PEM private key that signs receipts")
    axis_evidence_seconds: float = Field(
        5.0, gt=0, description="axis site: pause between two batches of the log that get a time-stamp"
    )
    axis_body_days: int = Field(
        90,
        ge=0,
        description="axis site: days after the last acknowledgement until a packet's body is dropped (0: never)",
    )
    axis_clock_window_seconds: int = Field(
        86400,
        ge=1,
        description="axis site: how far a client's timestamp may be off (clients keep one for long)",
    )
    axis_memory_seconds: float = Field(
        0.5,
        ge=0,
        le=1,
        description="axis site: how long a web process goes by what it read of members, keys and the agency list;"
        " a member that was stopped is refused after this at the latest",
    )
    axis_code: str = Field(
        "",
        max_length=35,
        description="axis site: its own code, written into the trace of packets that leave for another axis",
    )
    parent_url: str = Field("", description="axis site: address of the parent axis (VXP); empty: none")
    parent_system_id: str = Field("", description="axis site: system id that the parent's operator gave")
    parent_secret_file: Path | None = Field(
        None, description="axis site: file with the secret for the parent"
    )
    parent_poll_seconds: float = Field(
        2.0, gt=0, description="axis site: pause between two looks at the parent axis"
    )
    parent_acknowledge: ParentAcknowledge = Field(
        ParentAcknowledge.RECIPIENT,
        description='axis site: tell the parent "done" when the recipient\'s system has the packet, or when this '
        "axis has stored it",
    )
    parent_give_up_hours: float = Field(
        44.0, gt=0, description="axis site: how long a packet is tried at the parent before it has failed"
    )
    axis_payload_types_file: Path | None = Field(
        None, description="axis site: TOML file with the payload types carried beside documents and statuses"
    )
    axis_signature_window_seconds: int = Field(
        300, ge=1, le=3600, description="axis site: how far a message signature's times may be off (/axis/v2)"
    )
    axis_wait_slots: int = Field(
        64, ge=0, le=1000, description="axis site: calls per web process that may wait for packets at a time"
    )
    axis_webhook_allow: str = Field(
        "",
        description="axis site: networks (CIDR) and host names inside the state network that webhooks may"
        " point to, comma-separated; public addresses always may",
    )
    site_key_file: Path | None = Field(
        None,
        description="agency site: PEM private key that signs calls to the axis; empty: made on first use",
    )
    axis_calls_per_minute: int = Field(
        30000, ge=0, description="axis site: calls a member may make per minute; 0: no limit"
    )
    axis_megabytes_per_minute: int = Field(
        0, ge=0, description="axis site: MB a member may send per minute; 0: no limit"
    )
    axis_concurrent_calls: int = Field(
        0,
        ge=0,
        description="axis site: calls of one member at the same time per web process; 0: three quarters of"
        " the threads",
    )
    axis_secret_days: int = Field(
        365, ge=0, description="axis site: days after which a member's secret or key should change; 0: never"
    )
    axis_queue_limit: int = Field(
        200000, ge=0, description="axis site: packets that may wait for one member; 0: no limit"
    )
    worker_concurrency: int = Field(4, ge=1, le=64, description="background jobs at the same time per worker")
    worker_stale_seconds: float = Field(
        20.0, ge=2, description="a worker that gave no sign of life for so long is dead; its jobs run again"
    )
    web_port: int = Field(8000, ge=1, le=65535, description="port of the web process")
    axis_silent_days: int = Field(
        3, ge=1, description="axis site: days without traffic after which an agency is pointed out"
    )
    web_threads: int = Field(8, ge=2, le=64, description="requests that a web process works on at a time")
    web_host: str = Field("127.0.0.1", description="address the web process listens on")

    @model_validator(mode="after")
    def _parent_needs_a_code(self) -> Environment:
        if self.parent_url and not self.axis_code:
            raise ValueError("VANTHU_PARENT_URL needs VANTHU_AXIS_CODE: every hop is traced")
        return self

    def secret(self, path: Path | None) -> str:
        """The content of a secret file, without surrounding white space; empty when no file is set.

        Raises ``OSError`` when a named file cannot be read: a bad secret path fails loudly.
        """
        return path.read_text(encoding="utf-8").strip() if path else ""
