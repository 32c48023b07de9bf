"""However the bytes of a packet come in pieces, it reads the same."""

from __future__ import annotations

import base64
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.edxml import packets
from tests.edxml.packets import HEADER, PDF, attached, raw, reference

from vanthu.edxml import NotXml, read, write

LINES = base64.encodebytes(PDF).decode()
SIGNATURE = "<Signature a='1'>\n<SignedInfo/></Signature>"


class InPieces(io.RawIOBase):
    """A stream that gives at each call as many bytes as the next number says."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        super().__init__()
        self._data = data
        self._sizes = sizes

    def read(self, size: int = -1) -> bytes:
        wanted = self._sizes.pop(0) if self._sizes else len(self._data)
        piece, self._data = self._data[:wanted], self._data[wanted:]
        return piece


def content(text: str) -> bytes:
    return raw(manifest=reference("a.pdf"), attachments=attached("a.pdf", text, label="application/pdf"))


def with_signature_behind() -> bytes:
    text = content(LINES).decode()
    return text.replace("</AttachmentEncoded>", f"</AttachmentEncoded>{SIGNATURE}").encode()


PACKETS = {
    "one line": write(packets.document()),
    "several files": write(
        packets.document(attachments=tuple(packets.pdf(f"{n}.pdf", PDF, f"{n}") for n in "abc"))
    ),
    "broken lines": content(LINES.replace("\n", "\r\n")),
    "lines ended by references": content(LINES.replace("\n", "&#13;\n")),
    "CDATA": content(f"<![CDATA[{LINES}]]>"),
    "a comment within": content(LINES[:500] + "<!-- giữa chừng -->" + LINES[500:]),
    "a signature behind the files": with_signature_behind(),
    "a packet in UTF-16": content(LINES).decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    "a status": write(packets.status()),
}


@pytest.mark.parametrize("data", PACKETS.values(), ids=PACKETS.keys())
@settings(max_examples=25, deadline=None)
@given(sizes=st.lists(st.integers(1, 700), max_size=40))
def test_pieces_do_not_matter(data, sizes):
    whole, pieces = read(data), read(InPieces(data, sizes))
    assert pieces == whole
    assert pieces.packet.unknown == whole.packet.unknown
    assert not any(one.damaged for one in getattr(pieces.packet, "attachments", ()))


@pytest.mark.parametrize("name", ["broken lines", "lines ended by references", "CDATA", "a comment within"])
def test_base64_is_the_same_however_it_stands_in_the_xml(name):
    (found,) = read(InPieces(PACKETS[name], [100] * 90)).packet.attachments
    assert found.content.read() == PDF


def test_a_signature_behind_large_files_is_kept_byte_for_byte():
    data = with_signature_behind()
    assert read(InPieces(data, [300] * 60)).signature == SIGNATURE.encode()


@pytest.mark.parametrize("inside", [b"\xff\xfe", b"\x00", "ả".encode()])
def test_foreign_bytes_in_a_file_are_told_wherever_they_fall(inside):
    data = content(LINES).replace(LINES[900:904].encode(), inside, 1)
    for sizes in ([], [500] * 30, [1] * 3000):
        try:
            (found,) = read(InPieces(data, list(sizes))).packet.attachments
        except NotXml:
            continue
        assert found.damaged


def test_an_error_behind_a_file_of_many_lines_names_the_line():
    data = content("QUJD\n" * 50_000).replace(b"</edXML>", b"\n<x></edXML>")
    with pytest.raises(NotXml) as told:
        read(InPieces(data, [4096] * 200))
    assert told.value.details["line"] == data.count(b"\n") + 1


def test_a_header_behind_the_files_is_found():
    text = raw().decode()
    files = attached("a.pdf", PDF, label="application/pdf")
    header = f"<e:MessageHeader>{HEADER}</e:MessageHeader>"
    moved = text.replace(header, "").replace("</AttachmentEncoded>", f"{files}</AttachmentEncoded>{header}")
    moved = moved.replace("<edXML ", '<edXML xmlns:e="x" ')
    packet = read(InPieces(moved.encode(), [200] * 90)).packet
    assert packet.document_id == "77"
    assert packet.attachments[0].content.read() == PDF
