"""What the story sends: given files, or self-made sample documents of the demonstration's own agencies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vanthu.demo import sample_texts, samples
from vanthu.demo.sites import DemoAgency, DemoPerson, site_of
from vanthu.errors import VanthuError
from vanthu.formalities import Urgency, printed_name
from vanthu.formalities.reading import read_front_page


class UnreadableFile(VanthuError):
    """A file named on the command line cannot be read."""

    code = "STORY_FILE_UNREADABLE"
    message = "Không đọc được tệp {path}: {why}."


@dataclass(frozen=True)
class Paper:
    """One document to be sent, as its drafter has it; ``answer`` is what the Government Office replies."""

    name: str
    content: bytes
    subject: str
    type_code: str = "CONG_VAN"
    urgency: int = 0
    annexes: tuple[tuple[str, bytes], ...] = ()
    answer: Paper | None = None

    @classmethod
    def from_file(cls, path: Path) -> Paper:
        """A given PDF or DOCX; subject and type as the page shows them, else the file's name and công văn."""
        try:
            content = path.read_bytes()
        except OSError as problem:
            raise UnreadableFile(path=path, why=problem.strerror or problem) from problem
        subject, type_code = path.stem, "CONG_VAN"
        if path.suffix.lower() == ".pdf":
            try:
                front = read_front_page(content)
            except VanthuError:  # the upload says what is wrong with the file
                return cls(path.name, content, subject)
            subject = front.subject or subject
            type_code = front.type.code if front.type else type_code
        return cls(path.name, content, subject[:500], type_code)


def sample_papers() -> list[Paper]:
    """An urgent decision with an annex, and a letter that the Government Office answers."""
    province = letterhead_of("hatinh", "ubnd.chutich", "VP")
    office = letterhead_of("vpcp", "vpcp.chunhiem", "NC")
    decision, letter = sample_texts.DISASTERS, sample_texts.DIGITAL
    return [
        Paper(
            "cong-van.pdf",
            samples.cong_van(letterhead=province, matter=letter),
            letter.subject,
            answer=Paper(
                "tra-loi.pdf",
                samples.cong_van(letterhead=office, matter=letter, to=("Ủy ban nhân dân tỉnh Hà Tĩnh",)),
                f"trả lời về {letter.subject}",
            ),
        ),
        Paper(
            "quyet-dinh.pdf",
            samples.quyet_dinh(letterhead=province, matter=decision),
            f"Về việc {decision.subject}",
            type_code="QUYET_DINH",
            urgency=Urgency.EXPRESS,
            annexes=(("phu-luc.pdf", samples.annex()),),
        ),
    ]


def letterhead_of(site: str, signer: str, unit: str) -> samples.Letterhead:
    """How the papers of a signer's agency look, drafted in the unit with that abbreviation."""
    agency, person = _find(site, signer)
    return samples.Letterhead(
        parent=printed_name(agency.parent_name),
        issuer=printed_name(agency.name),
        agency_abbreviation=agency.abbreviation,
        unit_abbreviation=unit,
        place=agency.place,
        authority=tuple(part for part in (person.competence, person.position.upper()) if part),
        signer=person.full_name,
        name=agency.name,
    )


def _find(site: str, username: str) -> tuple[DemoAgency, DemoPerson]:
    for agency in site_of(site).agencies:
        for person in agency.people:
            if person.username == username:
                return agency, person
    raise KeyError(username)
