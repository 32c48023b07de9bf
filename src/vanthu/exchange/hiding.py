"""The bytes of packets held for a mark of state secrecy: encrypted at rest under a key of their own.

What comes from an axis is encrypted before anything of it is stored. Bytes that are readable already (what an agency of
this site sent, what somebody stored once more) are given up when a packet is held, and ``blobs.destruction`` takes them
away once nobody holds them. The key lies in the case, encrypted under the site's secret: forgetting it destroys the
content, wherever copies of the file are. Refuses to open anything but what two people took for no secret
(:func:`restore`).
"""

from __future__ import annotations

import tempfile
from typing import BinaryIO

from django.db.models import QuerySet

from vanthu.base import boxes, chunks
from vanthu.blobs import destruction, store
from vanthu.blobs.fields import held
from vanthu.blobs.models import Blob
from vanthu.exchange.models import InboxPacket, SecretCase, SecretState

PURPOSE = "vanthu held packets v1"


def hide(source: BinaryIO) -> tuple[str, str]:
    """Store encrypted what ``source`` holds; returns the encrypted content's SHA-256 and its key, itself encrypted.

    Durable before any row names it; killed before that, nobody can open what was stored, and it goes by itself.
    """
    key = chunks.new_key()
    with tempfile.TemporaryFile() as target:
        chunks.encrypt(source, target, key)
        target.seek(0)
        hidden = store.put(target).sha256
    destruction.doom([hidden])  # lives on by the row that names it
    return hidden, boxes.lock(key.hex(), PURPOSE)


def restore(row: InboxPacket) -> None:
    """Before a packet is placed: put back the readable bytes of one that two people took for no secret.

    Harmless for every other packet, and when repeated. Raises ``ChunksDamaged``, ``BoxUnreadable``.
    """
    case = (
        SecretCase.objects.filter(inbox=row.pk, state=SecretState.CLEARED).exclude(hidden_sha256="").first()
    )
    if case is None:
        return
    with store.open_blob(case.hidden_sha256) as source, tempfile.TemporaryFile() as target:
        chunks.decrypt(source, target, bytes.fromhex(boxes.unlock(case.key_box, PURPOSE)))
        target.seek(0)
        if store.put(target).sha256 != row.sha256:
            raise chunks.ChunksDamaged
    forget(case)


def forget(case: SecretCase) -> None:
    """Destroy the key, and with it the encrypted content; the file goes when its time comes."""
    SecretCase.objects.filter(pk=case.pk).update(key_box="")
    destruction.doom([case.hidden_sha256])


def give_up_readable() -> int:
    """Give up readable bytes of held packets that somebody stored once more; returns how many."""
    hashes = set(hidden_rows().values_list("sha256", flat=True))
    readable = Blob.objects.filter(pk__in=hashes, doomed_at=None).values_list("pk", flat=True)
    found = [sha256 for sha256 in readable if not held(sha256)]
    destruction.doom(found)
    return len(found)


def hidden_rows() -> QuerySet[InboxPacket]:
    """Held packets whose readable bytes nobody needs."""
    hidden = SecretCase.objects.exclude(key_box="").exclude(state=SecretState.CLEARED)
    return InboxPacket.objects.filter(pk__in=hidden.values("pk"))
