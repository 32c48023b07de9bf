"""Components say by word or shape what they say by colour; files, icons and the timeline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.template import Context, Template

from vanthu.audit.models import Event
from vanthu.web import assets, icons, nav, timeline
from vanthu.web.templatetags import vanthu as tags

NOW = datetime(2026, 11, 21, 1, 14, tzinfo=UTC)


def drawn(source: str, **values: object) -> str:
    return Template("{% load vanthu %}" + source).render(Context(values))


@pytest.mark.parametrize(
    ("left", "words", "look"),
    [
        (timedelta(days=3), "còn 3 ngày", "due-calm"),
        (timedelta(hours=2), "còn 2 giờ", "due-soon"),
        (timedelta(days=-1), "quá hạn 1 ngày", "due-over"),
    ],
)
def test_a_deadline_says_the_time_left_and_the_hour(
    frozen_clock: Callable[[datetime], None], left: timedelta, words: str, look: str
) -> None:
    frozen_clock(NOW)
    shown = drawn("{% due at %}", at=NOW + left)
    assert words in shown
    assert look in shown
    assert f"Hạn {tags.absolute_text(NOW + left)}" in shown


def test_an_instant_is_shown_in_vietnamese_time_with_how_long_ago(
    frozen_clock: Callable[[datetime], None],
) -> None:
    frozen_clock(NOW + timedelta(minutes=5))
    shown = drawn("{% instant at %}", at=NOW)
    assert ">08:14 21/11/2026<" in shown
    assert "5 phút trước" in shown
    assert "UTC+7" in shown


def test_every_urgency_but_the_ordinary_has_a_word(db: None) -> None:
    words = [drawn("{% urgency level %}", level=level) for level in range(5)]
    assert words[0] == ""
    for word, shown in zip(["Khẩn", "Thượng khẩn", "Hỏa tốc", "Hỏa tốc hẹn giờ"], words[1:], strict=True):
        assert word in shown
        assert "<svg" in shown


def test_a_state_escapes_its_word() -> None:
    assert "&lt;b&gt;" in drawn("{% state_badge word 'good' %}", word="<b>")


def test_an_icon_that_does_not_exist_is_a_fault() -> None:
    with pytest.raises(icons.UnknownIcon):
        icons.svg("no-such-drawing")


@pytest.mark.parametrize(
    ("code", "present"), [("01", "Đã đến"), ("03", "Đã tiếp nhận"), ("06", "Hoàn thành"), ("13", "Lấy lại")]
)
def test_the_line_of_statuses_marks_where_the_recipient_is(code: str, present: str) -> None:
    marked = drawn("{% statuses code %}", code=code).split('aria-current="step"')[1].split("</li>")[0]
    assert present in marked


def test_a_refusal_ends_the_line_of_statuses() -> None:
    shown = drawn("{% statuses '02' %}")
    assert "Từ chối tiếp nhận" in shown
    assert "Hoàn thành" not in shown


def test_sizes_and_initials_read_as_people_write_them() -> None:
    assert [tags.file_size(size) for size in (512, 182_340, 1_430_220)] == ["512 B", "178 KB", "1,4 MB"]
    assert [tags.initials(name) for name in ("Lê Thị Hoa", "Hệ thống", "Bình", "")] == ["LH", "HT", "B", "?"]


def test_the_history_is_told_in_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "_readings", {})
    timeline.say("test.registered", "vào sổ đến số {number}")
    timeline.say("test.counted", lambda event: f"đếm {len(event.data)} mục")
    events = [
        Event(verb="test.registered", actor_name="Lê Thị Hoa", at=NOW, data={"number": 412, "reason": "Đủ."}),
        Event(verb="test.registered", actor_name="Lê Thị Hoa", at=NOW, data={}),
        Event(verb="test.counted", actor_name="Hệ thống", at=NOW, data={"a": 1}),
        Event(verb="test.unknown", actor_name="Hệ thống", at=NOW, data={}),
    ]
    told = timeline.entries(events)
    assert [entry.what for entry in told] == [
        "vào sổ đến số 412",
        "vào sổ đến số …",
        "đếm 1 mục",
        "thực hiện “test.unknown”",
    ]
    assert told[0].quote == "Đủ."


def test_places_no_room_serves_are_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        nav, "AGENCY_PLACES", [nav.Place("Có", "send", "/outgoing/"), nav.Place("Không", "x", "/khong/")]
    )
    assert [shown.place.label for shown in nav.places("/outgoing/", agency=True)] == ["Có"]


def test_front_end_files_are_copied_without_source_maps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "node_modules" / "a"
    package.mkdir(parents=True)
    (package / "a.css").write_text("a{}\n/*# sourceMappingURL=a.css.map */")
    (package / "b.bin").write_bytes(b"\x00\xff")
    monkeypatch.setattr(assets, "VENDOR", [("a/*", "a")])
    assert assets.install(tmp_path) == 2
    target = tmp_path / "var" / "assets" / "vendor" / "a"
    assert (target / "a.css").read_text() == "a{}\n"
    assert (target / "b.bin").read_bytes() == b"\x00\xff"


def test_a_missing_front_end_package_is_named(tmp_path: Path) -> None:
    with pytest.raises(assets.MissingAssets, match="npm ci"):
        assets.install(tmp_path)
