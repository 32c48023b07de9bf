"""How much a stranger's packet may cost this machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Upper bounds while reading; sizes in bytes.

    ``max_size`` whole packet; ``max_text`` all text outside attachments; ``max_token`` one tag, comment or
    instruction; ``max_unpacked`` all attachments after unpacking; ``max_ratio`` swelling of one ZIP entry,
    judged only beyond ``ratio_from`` unpacked bytes.
    """

    max_size: int = 1024 * 1024 * 1024
    max_text: int = 4 * 1024 * 1024
    max_token: int = 256 * 1024
    max_depth: int = 32
    max_elements: int = 50_000
    max_attachments: int = 200
    max_unpacked: int = 1024 * 1024 * 1024
    max_ratio: int = 250
    ratio_from: int = 16 * 1024 * 1024
