"""Files damaged at random from a seed, and what came of validating them.

``python -m tests.pades.mutating 1000`` judges a thousand and tells what it found; the suite judges a few dozen.
"""

from __future__ import annotations

import io
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from vanthu import pades

Change = Callable[[bytes, random.Random], bytes]


def flip(pdf: bytes, chance: random.Random) -> bytes:
    """One to eight bytes become others."""
    changed = bytearray(pdf)
    for _ in range(chance.randint(1, 8)):
        changed[chance.randrange(len(changed))] ^= chance.randint(1, 255)
    return bytes(changed)


def cut(pdf: bytes, chance: random.Random) -> bytes:
    """A piece is missing."""
    at, size = chance.randrange(len(pdf)), chance.choice((1, 10, 1000, len(pdf)))
    return pdf[:at] + pdf[at + size :]


def double(pdf: bytes, chance: random.Random) -> bytes:
    """A piece stands somewhere else too."""
    at, to, size = chance.randrange(len(pdf)), chance.randrange(len(pdf)), chance.randint(1, 4000)
    return pdf[:to] + pdf[at : at + size] + pdf[to:]


def digit(pdf: bytes, chance: random.Random) -> bytes:
    """A number in the file's structure is another one."""
    found = list(re.finditer(rb"(?<=[ \[/R])\d+(?=[ \]/])", pdf))
    one = chance.choice(found)
    other = str(chance.choice((0, 1, -1, 7, 65535, 2**31, int(one.group()) + 1))).encode()
    return pdf[: one.start()] + other.ljust(len(one.group()))[: len(one.group())] + pdf[one.end() :]


def name(pdf: bytes, chance: random.Random) -> bytes:
    """A name in the file's structure is another one of the same file."""
    found = list(re.finditer(rb"/[A-Za-z]{2,14}", pdf))
    one, other = chance.choice(found), chance.choice(found)
    return pdf[: one.start()] + other.group() + pdf[one.end() :]


def swap_objects(pdf: bytes, chance: random.Random) -> bytes:
    """An update that is well-formed: one object takes another's place (not of the metadata, which the writer itself
    writes anew)."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    size = int(writer.prev.xrefs.get_xref_container_info(0).size)
    own = writer.root.raw_get("/Metadata").idnum
    one, other = chance.sample([number for number in range(1, size) if number != own], 2)
    taken = writer.prev.get_object(generic.Reference(other, 0, writer.prev))
    writer.objects[(0, one)] = taken
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def rewrite(pdf: bytes, chance: random.Random) -> bytes:
    """Another program saves it anew."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(out, linearize=chance.random() < 0.5)
    return out.getvalue()


def append(pdf: bytes, chance: random.Random) -> bytes:
    """Something follows the end."""
    return pdf + chance.choice((b"\n", b"%%EOF", chance.randbytes(50), pdf[-2000:], pdf))


CHANGES: tuple[Change, ...] = (flip, cut, double, digit, name, swap_objects, rewrite, append)


def mutant(pdf: bytes, seed: int) -> tuple[str, bytes]:
    """(which change, the file): the same for the same seed."""
    chance = random.Random(seed)
    change = CHANGES[seed % len(CHANGES)]
    try:
        return change.__name__, change(pdf, chance)
    except Exception:
        return flip.__name__, flip(pdf, chance)


def means_the_same(pdf: bytes, other: bytes) -> bool:
    """Whether they differ at most in how the signatures' digits and their padding are written, which nothing can
    sign."""

    def without_values(data: bytes) -> bytes:
        return re.sub(rb"<([0-9A-Fa-f]{1000,})>", lambda found: b"<%d>" % len(found.group(1)), data)

    return len(pdf) == len(other) and without_values(pdf) == without_values(other)


def wrongly_valid(pdf: bytes, seed: int, trust: pades.Trust) -> tuple[str, pades.Verdict, bool]:
    """(which change, the verdict, whether that is wrong)."""
    how, changed = mutant(pdf, seed)
    verdict = pades.validate(changed, trust).verdict
    return how, verdict, verdict is pades.Verdict.VALID and not means_the_same(pdf, changed)


def main() -> None:
    """Judge as many mutants as the command line says, in confined processes."""
    from tests.pades.whole import sealed_file

    with tempfile.TemporaryDirectory() as folder:
        pdf, trust = sealed_file(Path(folder))
        counts: Counter[tuple[str, str]] = Counter()
        wrong = []
        for seed in range(int(sys.argv[1])):
            how, changed = mutant(pdf, seed)
            report = pades.validate_within(changed, trust)
            counts[how, report.verdict.value] += 1
            if report.verdict is pades.Verdict.VALID and not means_the_same(pdf, changed):
                wrong.append(seed)
            if any(reason.code == "OVER_BUDGET" for reason in report.reasons):
                counts[how, "OVER_BUDGET"] += 1
    for (how, verdict), count in sorted(counts.items()):
        print(f"{how:14}{verdict:15}{count:6}")
    print(f"wrongly valid: {wrong or 'none'}")


if __name__ == "__main__":
    main()
