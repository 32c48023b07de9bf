"""The attachments of a packet, each matched with its line of the manifest and freed of its transport clothes.

Owns the rounds of matching: by content id, by name, by order. Refuses to read payloads into memory.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from vanthu.edxml.attachments import PayloadStore, Unwrapper
from vanthu.edxml.elements import Values
from vanthu.edxml.errors import DuplicateElement, TooManyAttachments
from vanthu.edxml.limits import Limits
from vanthu.edxml.model import Attachment
from vanthu.edxml.notes import Note, NoteCode
from vanthu.edxml.xmlstream import Node

_MANIFEST_NAMES = frozenset({"edxmlmanifest", "manifest"})


@dataclass
class _Reference:
    """One line of the manifest."""

    content_id: str
    name: str
    description: str
    content_type: str


class AttachmentReader:
    """Reads attachments out of ``store``; what is odd goes into ``values``."""

    def __init__(self, values: Values, store: PayloadStore, unwrapper: Unwrapper, limits: Limits) -> None:
        self._values = values
        self._store = store
        self._unwrapper = unwrapper
        self._limits = limits

    def attachments(self, nodes: list[Node]) -> Iterator[Attachment]:
        """The attachments among the packet's elements, each with its line of the manifest."""
        found = [node for node in nodes if node.name.lower() == "attachment"]
        if len(found) > self._limits.max_attachments:
            raise TooManyAttachments(limit=self._limits.max_attachments)
        references = self._references(nodes)
        matched = self._match(found, references)
        for number, node in enumerate(found, start=1):
            yield self._attachment(node, matched[number - 1], number)

    def _references(self, nodes: list[Node]) -> list[_Reference]:
        manifests = [node for node in nodes if node.name.lower() in _MANIFEST_NAMES]
        if any(other != manifests[0] for other in manifests[1:]):
            raise DuplicateElement(element="Manifest")
        lines = manifests[0].all("Reference") if manifests else []
        if len(lines) > self._limits.max_attachments:
            raise TooManyAttachments(limit=self._limits.max_attachments)
        return [
            _Reference(
                content_id=_plain_id(self._values.text(node, "ContentId") or node.attributes.get("href", "")),
                name=self._values.text(node, "AttachmentName"),
                description=self._values.text(node, "Description"),
                content_type=self._values.text(node, "ContentType"),
            )
            for node in lines
        ]

    def _match(self, found: list[Node], references: list[_Reference]) -> list[_Reference | None]:
        """For each attachment its manifest line: by content id (and name, where ids repeat), by name, by order."""
        free = list(references)
        matched: list[_Reference | None] = [None] * len(found)
        ids = [_key(_plain_id(self._values.text(node, "ContentId")) or self._name(node)) for node in found]
        names = [_key(self._name(node)) for node in found]
        rounds: tuple[tuple[NoteCode | None, Callable[[int, _Reference], bool]], ...] = (
            (None, lambda at, line: ids[at] == _key(line.content_id) != "" and names[at] == _key(line.name)),
            (None, lambda at, line: ids[at] == _key(line.content_id) != ""),
            (NoteCode.MATCHED_BY_NAME, lambda at, line: names[at] == _key(line.name) != ""),
            (NoteCode.MATCHED_BY_ORDER, lambda _at, _line: True),
        )
        for code, fits in rounds:
            for index, node in enumerate(found):
                if matched[index] is None and (line := next((one for one in free if fits(index, one)), None)):
                    free.remove(line)
                    matched[index] = line
                    if code is not None:
                        self._values.note(code, self._name(node))
        for index, node in enumerate(found):
            if matched[index] is None:
                self._values.note(NoteCode.NOT_IN_MANIFEST, self._name(node))
        for line in free:
            self._values.note(NoteCode.NOT_IN_PACKET, line.name or line.description or line.content_id)
        return matched

    def _name(self, node: Node) -> str:
        return self._values.text(node, "AttachmentName", "FileName", "name", "Name")

    def _attachment(self, node: Node, line: _Reference | None, number: int) -> Attachment:
        name = self._name(node) or (line.name or line.description if line else "") or f"tep-dinh-kem-{number}"
        payload_node = self._payload_node(node)
        declared = (
            self._values.text(node, "ContentType", "FileType", "MimeType")
            or node.attributes.get("Content-Type", "")
            or (line.content_type if line else "")
        )
        payload = self._store.of(payload_node.payload if payload_node else None)
        unwrapped = self._unwrapper.unwrap(name, payload, declared)
        notes = tuple(Note(code, name) for code in unwrapped.codes)
        for note in notes:
            self._values.note(note.code, note.detail)
        content_id = _plain_id(self._values.text(node, "ContentId")) or (line.content_id if line else "")
        return Attachment(
            name=name,
            content=unwrapped.content,
            content_id=content_id or f"{number}",
            description=self._values.text(node, "Description") or (line.description if line else ""),
            declared_type=declared,
            damaged=unwrapped.damaged,
            notes=notes,
        )

    def _payload_node(self, node: Node) -> Node | None:
        payloads = [child for child in node.children if child.payload is not None]
        if len(payloads) > 1:
            raise DuplicateElement(element="ContentTransferEncoded")
        return payloads[0] if payloads else None


def _plain_id(text: str) -> str:
    """A content id without ``cid:`` and the angle brackets of MIME."""
    bare = text.strip()
    bare = bare[4:] if bare[:4].lower() == "cid:" else bare
    return bare.strip().removeprefix("<").removesuffix(">").strip()


def _key(text: str) -> str:
    """An id or name as it is compared: addresses escape letters, and accents are written in two ways."""
    return unicodedata.normalize("NFC", unquote(text))
