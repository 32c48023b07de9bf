"""A hop is written into the packet's text where it belongs, and no other byte changes."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.axis.axis_parts import document

from vanthu.edxml import read
from vanthu.edxml.errors import ForbiddenDoctype, NotXml, TooLarge
from vanthu.edxml.hops import Splice, Spliced, splice
from vanthu.edxml.limits import Limits

AT = datetime(2026, 11, 21, 8, 30, 5)
HOP = (
    "<e:TraceHeader><e:OrganId>H20.TRUC</e:OrganId>"
    "<e:Timestamp>2026/11/21 08:30:05</e:Timestamp></e:TraceHeader>"
)
HEAD = '<r xmlns:e="urn:x"><e:edXMLHeader><e:MessageHeader><e:To/></e:MessageHeader>'
FIRST = "<e:TraceHeader><e:OrganId>G12</e:OrganId></e:TraceHeader>"
BUSINESS = "<e:Bussiness><e:BussinessDocType>0</e:BussinessDocType></e:Bussiness>"
TAIL = "</e:edXMLHeader><Attachment>ệ</Attachment></r>"


def passed(packet: str, limits: Limits | None = None) -> str:
    stream = io.BytesIO(packet.encode())
    change = splice(stream, "H20.TRUC", AT, limits)
    return Spliced(stream, change).read().decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"<e:TraceHeaderList>{FIRST}", f"{BUSINESS}</e:TraceHeaderList>"),
        (f"<e:TraceHeaderList>{BUSINESS}{FIRST}", "</e:TraceHeaderList>"),
        (f"<e:TraceHeaderList>{FIRST}{FIRST}", "</e:TraceHeaderList >"),
        ("<e:TraceHeaderList>", f"{BUSINESS}</e:TraceHeaderList>"),
        ("<e:TraceHeaderList id='a>b'>", "</e:TraceHeaderList>"),
        ("<e:TraceHeaderList><e:TraceHeader/>", "</e:TraceHeaderList>"),
        ("<e:TraceHeaderList> <!-- x --> ", f"{BUSINESS}\n</e:TraceHeaderList>"),
    ],
)
def test_the_hop_stands_behind_the_last_one_and_nothing_else_changes(before: str, after: str) -> None:
    assert passed(HEAD + before + after + TAIL) == HEAD + before + HOP + after + TAIL


def test_a_list_without_content_gets_an_end() -> None:
    found = passed(HEAD + "<e:TraceHeaderList/>" + TAIL)
    assert found == HEAD + f"<e:TraceHeaderList>{HOP}</e:TraceHeaderList>" + TAIL


@pytest.mark.parametrize("close", ["</e:MessageHeader>", "</e:MessageHeader\n>"])
def test_a_packet_without_trace_gets_a_list_behind_its_message_header(close: str) -> None:
    head = HEAD.replace("</e:MessageHeader>", close)
    assert passed(head + TAIL) == head + f"<e:TraceHeaderList>{HOP}</e:TraceHeaderList>" + TAIL


def test_the_spelling_is_the_packets_own() -> None:
    found = passed((HEAD + f"<e:TraceHeaderList>{FIRST}</e:TraceHeaderList>" + TAIL).replace("e:", ""))
    assert HOP.replace("e:", "") in found


@given(st.integers(0, 70_000), st.sampled_from([1, 7, 65536]))
def test_the_place_is_found_wherever_the_pieces_of_the_file_end(padding: int, step: int) -> None:
    packet = f"<!--{'x' * padding}-->" + HEAD + f"<e:TraceHeaderList>{FIRST}</e:TraceHeaderList>" + TAIL
    stream = io.BytesIO(packet.encode())
    spliced = Spliced(stream, splice(stream, "H20.TRUC", AT))
    assert b"".join(iter(lambda: spliced.read(step * 997), b"")).decode() == packet.replace(
        FIRST, FIRST + HOP
    )


@given(st.binary(max_size=60), st.data())
def test_any_piece_of_the_joined_stream_is_what_stands_there(original: bytes, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(original)))
    cut = data.draw(st.integers(0, len(original) - offset))
    whole = original[:offset] + b"new" + original[offset + cut :]
    stream = Spliced(io.BytesIO(original), Splice(offset, cut, b"new"))
    start = data.draw(st.integers(0, len(whole)))
    stream.seek(start)
    assert stream.read() == whole[start:]
    assert stream.tell() == stream.seek(0, io.SEEK_END) == len(whole)


def test_codes_are_written_as_text() -> None:
    stream = io.BytesIO((HEAD + TAIL).encode())
    assert b"<e:OrganId>A&amp;B&lt;</e:OrganId>" in splice(stream, "A&B<", AT).text


@pytest.mark.parametrize(
    ("packet", "error"),
    [
        ("<r>", NotXml),
        ("<r/>", NotXml),
        ("<r><a></r>", NotXml),
        ("<!DOCTYPE r []><r/>", ForbiddenDoctype),
        (HEAD.replace("<e:To/>", "x" * 5000), TooLarge),
    ],
)
def test_what_is_no_packet_is_refused(packet: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        passed(packet, Limits(max_text=4000))


def test_two_byte_encodings_are_refused_not_broken() -> None:
    with pytest.raises(NotXml):
        splice(io.BytesIO((HEAD + TAIL).encode("utf-16")), "H20.TRUC", AT)


def test_the_reader_sees_the_new_hop() -> None:
    stream = io.BytesIO(document())
    packet = read(Spliced(stream, splice(stream, "H20.TRUC", AT))).packet
    assert [hop.organ_id for hop in packet.trace] == ["H20.TRUC"]  # type: ignore[union-attr]
