"""Files that grow while they are signed: what is remembered of them is always what a fresh look would find."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vanthu.pades import growing
from vanthu.pades.growing import OwnFile, beginnings_of, remembering, sha256_of

DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.binary(max_size=40)),
        st.tuples(st.just("write"), st.integers(0, 60), st.binary(max_size=20)),
        st.tuples(st.just("cut"), st.integers(0, 60)),
        st.tuples(st.just("look"), st.integers(0, 60)),
        st.tuples(st.just("anew"), st.binary(max_size=30)),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(DEEDS)
def test_whatever_is_appended_overwritten_or_cut_off_the_hash_is_that_of_the_bytes(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[object, ...]]
) -> None:
    path = OwnFile(tmp_path_factory.getbasetemp() / "growing.pdf")
    path.write_bytes(b"%PDF" * 5)
    growing_piece, growing.PIECE = growing.PIECE, 7
    try:
        for deed in deeds:
            _do(path, *deed)
            with path.open("rb") as stream:
                assert sha256_of(stream) == hashlib.sha256(Path(path).read_bytes()).hexdigest()
    finally:
        growing.PIECE = growing_piece


def _do(path: OwnFile, what: object, *how: object) -> None:
    if what == "anew":
        path.write_bytes(*how)  # type: ignore[arg-type]
        return
    with path.open("r+b") as stream:
        size = stream.seek(0, 2)
        if what == "append":
            stream.write(*how)
        elif what == "cut":
            stream.truncate(*how)
        elif what == "write":
            stream.seek(min(size, how[0]))
            stream.write(how[1])
        else:
            end = min(size, how[0])  # type: ignore[call-overload]
            found = beginnings_of(stream).hashed("sha256", stream, end).digest()
            assert found == hashlib.sha256(Path(str(path)).read_bytes()[:end]).digest()


def test_what_is_hashed_once_is_not_read_again(tmp_path: Path) -> None:
    path = OwnFile(tmp_path / "lon.pdf")
    path.write_bytes(bytes(3_000_000))
    with path.open("rb") as stream:
        before = sha256_of(stream)
    with path.open("ab") as plain:
        plain.write(b"more")
    with path.open("r+b") as stream:
        assert sha256_of(stream) == hashlib.sha256(bytes(3_000_000) + b"more").hexdigest() != before
    # Somebody else's writing is not noticed: that is what "one's own file" means.
    Path(str(path)).write_bytes(bytes(1_000_000) + b"x" + bytes(1_999_999) + b"more")
    with path.open("rb") as stream:
        assert sha256_of(stream) == hashlib.sha256(bytes(3_000_000) + b"more").hexdigest()
    with remembering(path) as stream:
        assert sha256_of(stream) == hashlib.sha256(Path(str(path)).read_bytes()).hexdigest()
        with pytest.raises(EOFError):
            beginnings_of(stream).hashed("sha256", stream, 4_000_000)
