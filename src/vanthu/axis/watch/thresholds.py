"""From when something is a matter for a person. Pure; the figures stand in one place.

Urgent documents are handled at once (QĐ 28/2018/QĐ-TTg), ordinary ones within the working day. Clocks, keys and
certificates are pointed out before they stop anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

URGENT_LATE = timedelta(minutes=10)
ORDINARY_SLOW = timedelta(hours=2)
ORDINARY_LATE = timedelta(hours=8)
SILENT_AFTER = timedelta(minutes=30)
MANY_FAILURES = 10
CLOCK_OFF = timedelta(seconds=30)
"""A member's clock; the calls' own time stamps show it, give or take the network."""

OWN_CLOCK_OFF = timedelta(seconds=5)
"""The axis' clock beside the time-stamping authority's; asking takes a moment, so less says nothing."""

ENDS_SOON = timedelta(days=30)
ENDS_NOW = timedelta(days=7)
OLD_SECRET_ENDS = timedelta(days=2)
PARENT_QUIET = timedelta(minutes=2)
PARENT_SILENT = timedelta(minutes=15)


class Tone(Enum):
    """How bad it is; the value is the tone of the state badge."""

    CALM = "good"
    WATCH = "warn"
    ACT = "bad"


@dataclass(frozen=True)
class Concern:
    """One reason why a person should look: ``sentence`` says what to do."""

    tone: Tone
    sentence: str


@dataclass(frozen=True)
class QueueFacts:
    """What is known of one recipient system at an instant; instants in UTC, None where there is none."""

    waiting: int
    oldest: datetime | None
    urgent: int
    oldest_urgent: datetime | None
    last_call: datetime | None
    failures: int
    active: bool = True


@dataclass(frozen=True)
class ClockFacts:
    """How far a member's time stamps lie behind our clock (negative: ahead; None: unknown).

    ``window`` is how far they may be off; ``fresh`` says that its client stamps every call anew, so that a late
    stamp means a late clock.
    """

    lag: timedelta | None
    window: timedelta
    fresh: bool = False


@dataclass(frozen=True)
class SecretFacts:
    """A member's secret: since when, after how many days it should change (0: never), and a change under way."""

    since: datetime | None
    days: int
    old_until: datetime | None = None
    new_used: bool = False


@dataclass(frozen=True)
class ParentFacts:
    """The line to the parent axis: its last answer, tries in vain since, and what waits to go up.

    ``secret_since`` is since when the secret is used by which the parent knows this axis, ``secret_days`` how old it
    should become (0: any age).
    """

    answered_at: datetime | None
    failures: int
    problem: str
    oldest: datetime | None
    oldest_urgent: datetime | None
    failed: int
    untold: int
    secret_since: datetime | None = None
    secret_days: int = 0


def concerns(facts: QueueFacts, now: datetime) -> tuple[Concern, ...]:
    """What needs a person, worst first; nothing when all is well."""
    return worst_first([*_about_age(facts, now), *_about_silence(facts, now), *_about_failures(facts)])


def worst_first(found: Iterable[Concern]) -> tuple[Concern, ...]:
    """The concerns with those in front that cannot wait."""
    return tuple(sorted(found, key=lambda concern: concern.tone is not Tone.ACT))


def clock_concerns(facts: ClockFacts) -> list[Concern]:
    """Whether a member's clock is off, before its calls are refused for it (R28, R99)."""
    if facts.lag is None:
        return []
    if abs(facts.lag) > facts.window / 2:
        return [
            Concern(Tone.ACT, "Đồng hồ lệch gần mức bị từ chối: yêu cầu bên đó chỉnh theo máy chủ thời gian.")
        ]
    if facts.lag < -CLOCK_OFF:
        return [Concern(Tone.WATCH, "Đồng hồ chạy nhanh: đề nghị bên đó chỉnh theo máy chủ thời gian.")]
    if facts.fresh and facts.lag > CLOCK_OFF:
        return [Concern(Tone.WATCH, "Đồng hồ chạy chậm: đề nghị bên đó chỉnh theo máy chủ thời gian.")]
    return []


def own_clock_concerns(off: timedelta) -> list[Concern]:
    """Whether the axis' own clock is off: its instants stand in every receipt (R4, R99)."""
    if abs(off) <= OWN_CLOCK_OFF:
        return []
    return [
        Concern(Tone.ACT, "Đồng hồ của trục lệch với dịch vụ cấp dấu thời gian: kiểm tra NTP trên máy chủ.")
    ]


def secret_concerns(facts: SecretFacts, now: datetime) -> list[Concern]:
    """Whether a member's secret is old, or its change gets stuck."""
    changing = facts.old_until is not None and now < facts.old_until
    if changing and facts.old_until is not None and not facts.new_used:
        if facts.old_until - now < OLD_SECRET_ENDS:
            return [
                Concern(Tone.ACT, "Khóa bí mật cũ sắp hết hạn mà khóa mới chưa được dùng: gọi cho bên đó.")
            ]
        return []
    if facts.days and facts.since is not None and now - facts.since > timedelta(days=facts.days):
        return [Concern(Tone.WATCH, "Khóa bí mật dùng đã lâu: đổi khóa ở trang của hệ thống.")]
    return []


def ending_concerns(ends: datetime | None, now: datetime) -> list[Concern]:
    """Whether a certificate has ended or ends soon."""
    if ends is None or ends - now > ENDS_SOON:
        return []
    if ends <= now:
        return [Concern(Tone.ACT, "Đã hết hạn: thay ngay.")]
    if ends - now <= ENDS_NOW:
        return [Concern(Tone.ACT, "Hết hạn trong 7 ngày tới: thay ngay.")]
    return [Concern(Tone.WATCH, "Hết hạn trong 30 ngày tới: chuẩn bị thay.")]


def age_concerns(since: datetime, days: int, now: datetime) -> list[Concern]:
    """Whether a key is older than it should become (``days`` 0: any age is right)."""
    if days and now - since > timedelta(days=days):
        return [Concern(Tone.WATCH, "Dùng đã lâu: thay khóa mới.")]
    return []


def parent_concerns(facts: ParentFacts, now: datetime) -> tuple[Concern, ...]:
    """What about the line to the parent axis needs a person, worst first."""
    found = _about_parent_silence(facts, now)
    if facts.oldest_urgent is not None and now - facts.oldest_urgent > URGENT_LATE:
        found.append(
            Concern(Tone.ACT, "Văn bản khẩn chưa chuyển lên được: gọi đơn vị vận hành trục cấp trên.")
        )
    elif facts.oldest is not None and now - facts.oldest > ORDINARY_SLOW:
        tone = Tone.ACT if now - facts.oldest > ORDINARY_LATE else Tone.WATCH
        found.append(Concern(tone, "Gói tin chờ chuyển lên quá 2 giờ: gọi đơn vị vận hành trục cấp trên."))
    if facts.problem and not facts.failures:
        found.append(Concern(Tone.ACT, "Trục cấp trên trả lời nhưng từ chối: đọc câu trả lời bên dưới."))
    if facts.failed:
        found.append(Concern(Tone.WATCH, "Có gói tin không chuyển lên được: xem nguyên nhân bên dưới."))
    if facts.untold:
        found.append(Concern(Tone.WATCH, "Có cơ quan chưa đăng ký được với trục cấp trên."))
    if facts.secret_since and age_concerns(facts.secret_since, facts.secret_days, now):
        found.append(
            Concern(
                Tone.WATCH,
                "Khóa bí mật gọi trục cấp trên dùng đã lâu: xin trục cấp trên khóa mới, ghi vào tệp khóa.",
            )
        )
    return worst_first(found)


def _about_parent_silence(facts: ParentFacts, now: datetime) -> list[Concern]:
    if facts.answered_at is None:
        return [
            Concern(
                Tone.ACT, "Trục cấp trên chưa trả lời lần nào: kiểm tra địa chỉ, mã hệ thống, đường truyền."
            )
        ]
    silence = now - facts.answered_at
    if silence > PARENT_SILENT:
        return [
            Concern(
                Tone.ACT, "Trục cấp trên im lặng quá 15 phút: kiểm tra đường truyền, gọi đơn vị vận hành."
            )
        ]
    if silence > PARENT_QUIET:
        return [Concern(Tone.WATCH, "Trục cấp trên chưa trả lời mấy phút nay; trục tự thử lại.")]
    return []


def tone_of(found: tuple[Concern, ...]) -> Tone:
    """The worst tone among the concerns."""
    return found[0].tone if found else Tone.CALM


def _about_age(facts: QueueFacts, now: datetime) -> list[Concern]:
    found = []
    if facts.oldest_urgent is not None and now - facts.oldest_urgent > URGENT_LATE:
        found.append(Concern(Tone.ACT, "Văn bản khẩn chưa được lấy: gọi ngay cho bên nhận."))
    if facts.oldest is not None and now - facts.oldest > ORDINARY_LATE:
        found.append(Concern(Tone.ACT, "Gói tin chờ quá 8 giờ: gọi cho bên nhận."))
    elif facts.oldest is not None and now - facts.oldest > ORDINARY_SLOW:
        found.append(Concern(Tone.WATCH, "Gói tin chờ quá 2 giờ: theo dõi, nhắc bên nhận."))
    return found


def _about_silence(facts: QueueFacts, now: datetime) -> list[Concern]:
    if not facts.waiting:
        return []
    if not facts.active:
        return [Concern(Tone.ACT, "Hệ thống đang bị ngừng mà còn gói tin chờ: mở lại hoặc chuyển cơ quan.")]
    if facts.last_call is None:
        return [Concern(Tone.ACT, "Chưa bao giờ gọi trục mà đã có gói tin chờ: kiểm tra kết nối của họ.")]
    if now - facts.last_call > SILENT_AFTER:
        return [Concern(Tone.ACT, "Không gọi trục hơn 30 phút mà có gói tin chờ: hệ thống của họ đang dừng.")]
    return []


def _about_failures(facts: QueueFacts) -> list[Concern]:
    if facts.failures >= MANY_FAILURES:
        return [Concern(Tone.ACT, "Nhiều lỗi trong 24 giờ: mở trang lỗi để xem nguyên nhân.")]
    if facts.failures:
        return [Concern(Tone.WATCH, "Có lỗi trong 24 giờ qua.")]
    return []
