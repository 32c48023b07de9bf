"""The path of each document, step by step, each by the person whose step it is.

The province drafts (through the head of the drafter's unit), signs, numbers, seals and sends to three agencies on
its own site and to the Government Office over the axis. Two handle it to the end, one of them with an answer; the
enterprise refuses it with a reason, so that the sender sees a refusal too.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from vanthu.demo import pki
from vanthu.demo.cluster import DemoCluster
from vanthu.demo.story import judging
from vanthu.demo.story.desk import Desk, StepRefused, desk_of
from vanthu.demo.story.report import DocumentLine, Moment, Proof, RecipientLine, StoryReport
from vanthu.demo.story.stories import Paper
from vanthu.errors import VanthuError
from vanthu.formalities.remarks import PlaceNotFound

SENDER = "H27"
DEPARTMENT, WARD, ENTERPRISE, GOVERNMENT = "H27.14", "H27.101", "3000100001", "G22"
PATIENCE_SECONDS = 180.0
Tell = Callable[[Moment], None]
T = TypeVar("T")


class NothingCame(VanthuError):
    """Something that should have arrived did not."""

    code = "STORY_NOTHING_CAME"
    message = "Chờ {seconds} giây mà chưa thấy: {what}."


@dataclass(frozen=True)
class Recipient:
    """An agency with the people who handle what it receives."""

    organ_id: str
    clerk: Desk
    leader: Desk
    handler: Desk
    refuses: bool = False


class Journey:
    """One telling of the story; keeps the desks of everybody who takes part."""

    def __init__(
        self, cluster: DemoCluster, tell: Tell, stack: ExitStack, *, patience: float = PATIENCE_SECONDS
    ) -> None:
        self.cluster, self.report, self._tell = cluster, StoryReport(), tell
        self._patience, self._began, self._stack = patience, time.monotonic(), stack
        self._desks: dict[str, Desk] = {}
        self.drafter = self.desk("ubnd.chuyenvien")
        self.unit_head = self.desk("ubnd.chanhvp")
        self.signer = self.desk("ubnd.chutich")
        self.clerk = self.desk("ubnd.vanthu")
        self.recipients = [
            self._recipient(DEPARTMENT, "snv", "vanthu", "giamdoc", "chuyenvien"),
            self._recipient(WARD, "thanhsen", "vanthu", "chutich", "chuyenvien"),
            self._recipient(ENTERPRISE, "capnuoc", "vanthu", "giamdoc", "chuyenvien", refuses=True),
            self._recipient(GOVERNMENT, "vpcp", "vanthu", "chunhiem", "chuyenvien"),
        ]

    def desk(self, username: str) -> Desk:
        """The person's desk, signed in on first use."""
        if username not in self._desks:
            self._desks[username] = self._stack.enter_context(desk_of(self.cluster, username))
        return self._desks[username]

    def run(self, papers: list[Paper]) -> StoryReport:
        """Tell the story of every paper, then judge the whole."""
        try:
            for paper in papers:
                self._one(paper)
        except VanthuError as error:
            self.report.refused = str(error)
            self._say("", f"Dừng lại: {error}")
        self.report.proofs = judging.judge_sites(self.cluster)
        return self.report

    # --- the path ---------------------------------------------------------------------------------------------------

    def _one(self, paper: Paper) -> None:
        line = DocumentLine(file=paper.name, document="")
        self.report.documents.append(line)
        sent = self._issue(paper, line)
        with ThreadPoolExecutor(len(self.recipients)) as pool:
            handled = list(pool.map(lambda recipient: self._handle(recipient, sent, paper), self.recipients))
        self._read_statuses(line, dict(handled))
        self._prove(line, sent)

    def _issue(self, paper: Paper, line: DocumentLine) -> dict[str, Any]:
        people = {person["name"]: person["id"] for person in self.drafter.get("/colleagues")}
        draft = self.drafter.post(
            "/drafts",
            {
                "type_code": paper.type_code,
                "subject": paper.subject,
                "urgency": paper.urgency,
                "signer_id": people[self.signer.person.full_name],
                "recipient_ids": [self._agency(recipient.organ_id) for recipient in self.recipients],
                "distribution": ["Như trên", "Lưu: VT, VP"],
            },
        )
        line.document = key = draft["id"]
        self.drafter.upload(f"/drafts/{key}/main", paper.name, paper.content)
        for name, content in paper.annexes:
            self.drafter.upload(f"/drafts/{key}/annexes", name, content)
        self._say(self.drafter.who, f"soạn “{paper.subject}” từ tệp {paper.name}")
        self._submit(key)
        self.unit_head.post(f"/documents/{key}/approve-review")
        self._say(self.unit_head.who, "duyệt nội dung, chuyển ký")
        self.signer.post(f"/documents/{key}/sign", form={"passphrase": pki.DEMO_PASSPHRASE})
        self._say(self.signer.who, "ký số")
        sent: dict[str, Any] = self.clerk.post(
            f"/documents/{key}/issue", form={"passphrase": pki.DEMO_PASSPHRASE}
        )
        line.code = sent["code"]
        self._say(self.clerk.who, f"cấp số {sent['code']}, ký số cơ quan và phát hành")
        return sent

    def _submit(self, key: str) -> None:
        """Submit; on a page that does not tell where things go, such as a scan, the drafter puts them first."""
        try:
            self.drafter.post(f"/documents/{key}/submit")
        except StepRefused as refused:
            if refused.details["refusal"] != PlaceNotFound.code:
                raise
            spots = self.drafter.get(f"/documents/{key}/places")["spots"]
            self.drafter.put(f"/documents/{key}/places", {"spots": spots, "confirmed": True})
            self._say(self.drafter.who, "đặt vị trí số, ngày, chữ ký và dấu, vì trang không cho biết")
            self.drafter.post(f"/documents/{key}/submit")
        self._say(self.drafter.who, "trình ký")

    def _handle(self, recipient: Recipient, sent: dict[str, Any], paper: Paper) -> tuple[str, str]:
        """The recipient's part; answers the state that the sender must see in the end."""
        arrived = self._arrived(recipient.clerk, sent)
        key = arrived["id"]
        self._say(recipient.clerk.who, f"thấy văn bản {sent['code']} đã đến")
        if recipient.refuses:
            recipient.clerk.post(
                f"/documents/{key}/reject",
                {"code": "WRONG_ADDRESSEE", "reason": "Không thuộc phạm vi hoạt động của Công ty."},
            )
            self._say(recipient.clerk.who, "từ chối tiếp nhận: gửi sai nơi nhận")
            return recipient.organ_id, "REJECTED"
        registered = recipient.clerk.post(f"/documents/{key}/register", {})
        self._say(recipient.clerk.who, f"vào sổ, số đến {registered['arrival_number']}, trình lãnh đạo")
        people = {person["name"]: person["id"] for person in recipient.leader.get("/colleagues")}
        recipient.leader.post(
            f"/documents/{key}/direct",
            {
                "text": "Nghiên cứu, tham mưu thực hiện; báo cáo kết quả.",
                "lead": people[recipient.handler.person.full_name],
                "informed": [people[recipient.clerk.person.full_name]],
                "due_at": (datetime.now(UTC) + timedelta(days=7)).isoformat(),
            },
        )
        self._say(recipient.leader.who, f"giao {recipient.handler.person.full_name} chủ trì")
        recipient.handler.post(f"/documents/{key}/start")
        self._say(recipient.handler.who, "bắt đầu xử lý")
        if recipient.organ_id == GOVERNMENT and paper.answer is not None:
            self._answer(recipient, key, paper.answer)
        recipient.handler.post(f"/documents/{key}/complete", {"result": "Đã tham mưu thực hiện, lưu hồ sơ."})
        self._say(recipient.handler.who, "hoàn thành")
        return recipient.organ_id, "COMPLETED"

    def _answer(self, recipient: Recipient, incoming: str, paper: Paper) -> None:
        """An answer drafted from the incoming document, issued, and seen to arrive where it was asked from."""
        handler, head = recipient.handler, self.desk("vpcp.vutruong")
        people = {person["name"]: person["id"] for person in handler.get("/colleagues")}
        draft = handler.post(
            "/drafts",
            {
                "type_code": paper.type_code,
                "subject": paper.subject,
                "signer_id": people[recipient.leader.person.full_name],
                "recipient_ids": [self._agency(SENDER, handler)],
                "reply_to_id": incoming,
            },
        )
        key = draft["id"]
        handler.upload(f"/drafts/{key}/main", paper.name, paper.content)
        handler.post(f"/documents/{key}/submit")
        head.post(f"/documents/{key}/approve-review")
        recipient.leader.post(f"/documents/{key}/sign", form={"passphrase": pki.DEMO_PASSPHRASE})
        sent = recipient.clerk.post(f"/documents/{key}/issue", form={"passphrase": pki.DEMO_PASSPHRASE})
        self._say(handler.who, f"trả lời bằng văn bản {sent['code']}")
        self._arrived(self.clerk, sent)
        self._say(self.clerk.who, f"thấy văn bản trả lời {sent['code']} đã đến")

    # --- what the ends see ------------------------------------------------------------------------------------------

    def _arrived(self, clerk: Desk, sent: dict[str, Any]) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            rows = clerk.get("/documents", direction="INCOMING", document_id=sent["document_id"])["documents"]
            return rows[0] if rows else None

        return self._wait(look, f"văn bản {sent['code']} ở {clerk.agency.name}")

    def _read_statuses(self, line: DocumentLine, expected: dict[str, str]) -> None:
        """Wait until the sender sees what every recipient did."""

        def look() -> list[dict[str, Any]] | None:
            rows = self.clerk.get(f"/documents/{line.document}")["deliveries"]
            seen = {row["recipient_code"]: row["state"] for row in rows}
            return rows if seen == expected else None

        try:
            rows = self._wait(look, f"trạng thái của {line.code} ở mọi nơi nhận")
        except NothingCame:
            rows = self.clerk.get(f"/documents/{line.document}")["deliveries"]
        for row in rows:
            codes = [status["code"] for status in row["statuses"]]
            state = expected[row["recipient_code"]]
            line.recipients.append(
                RecipientLine(row["recipient_name"], row["channel"], row["state"], codes, state)
            )
            self._say(self.clerk.who, f"thấy ở {row['recipient_name']}: {' → '.join(codes)}")

    def _prove(self, line: DocumentLine, sent: dict[str, Any]) -> None:
        detail = self.clerk.get(f"/documents/{line.document}")
        main = next(file for file in detail["files"] if file["kind"] == "MAIN")
        content = self.clerk.download(main["id"])
        line.sha256 = judging.sha256(content)
        received = {
            recipient.clerk.agency.name: self._received_sha256(recipient, sent)
            for recipient in self.recipients
        }
        line.proofs = judging.judge_file(
            content,
            code=line.code,
            issued=detail["issued_date"],
            signer=self.signer.person.full_name,
            agency=self.clerk.agency.name,
            trust=judging.trust_of(self.cluster),
        )
        line.proofs.append(judging.judge_hashes(line.sha256, received))
        line.proofs.append(Proof("Mã băm trong sổ lưu trữ khớp tệp", main["sha256"] == line.sha256))
        line.opinions = judging.opinion_of_pdfsig(content)

    def _received_sha256(self, recipient: Recipient, sent: dict[str, Any]) -> str:
        arrived = self._arrived(recipient.clerk, sent)
        files = recipient.clerk.get(f"/documents/{arrived['id']}")["files"]
        main = next(file for file in files if file["kind"] == "MAIN")
        return recipient.clerk.sha256(main["id"])

    # --- small things -----------------------------------------------------------------------------------------------

    def _agency(self, organ_id: str, desk: Desk | None = None) -> str:
        asker = desk or self.drafter

        def look() -> str | None:
            rows = asker.get("/agencies", q=organ_id)
            return next((row["id"] for row in rows if row["organ_id"] == organ_id), None)

        return self._wait(look, f"cơ quan {organ_id} trong danh bạ")

    def _wait(self, look: Callable[[], T | None], what: str) -> T:
        end = time.monotonic() + self._patience
        while time.monotonic() < end:
            if (found := look()) is not None:
                return found
            time.sleep(0.25)
        raise NothingCame(seconds=int(self._patience), what=what)

    def _say(self, who: str, what: str) -> None:
        moment = Moment(round(time.monotonic() - self._began, 2), who, what)
        self.report.timeline.append(moment)
        self._tell(moment)

    def _recipient(
        self, organ_id: str, prefix: str, clerk: str, leader: str, handler: str, *, refuses: bool = False
    ) -> Recipient:
        at_clerk, at_leader, at_handler = (self.desk(f"{prefix}.{who}") for who in (clerk, leader, handler))
        return Recipient(organ_id, at_clerk, at_leader, at_handler, refuses)


def tell_story(cluster: DemoCluster, papers: list[Paper], tell: Tell) -> StoryReport:
    """Tell the story over a running cluster; raises DEMO_NOT_RUNNING when nobody answers."""
    with ExitStack() as stack:
        return Journey(cluster, tell, stack).run(papers)


def papers_of(files: list[Path]) -> list[Paper]:
    """The given files as papers of the story; their subject is the file's own name when the page shows none."""
    return [Paper.from_file(path) for path in files]
