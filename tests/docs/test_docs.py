"""The documents say what the code does: tables, codes, settings, doors, commands, links, words of the screens."""

from __future__ import annotations

import importlib
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from vanthu.environment import Environment

PROJECT = Path(__file__).resolve().parents[2]
DOCS = PROJECT / "docs"
MANUALS = sorted((DOCS / "manuals").glob("*.md"))
PAGES = sorted([*PROJECT.glob("*.md"), *DOCS.glob("*.md"), *MANUALS])
CODE = re.compile(r"`([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+)`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)

by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
by_manual = pytest.mark.parametrize("manual", MANUALS, ids=lambda page: page.stem)


@cache
def tool(name: str) -> ModuleType:
    """A program of ``tools/`` as a module."""
    sys.path.insert(0, str(PROJECT / "tools"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.pop(0)


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def without_code(page: Path) -> str:
    """The page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", text(page), flags=re.DOTALL | re.MULTILINE)


# --- errors --------------------------------------------------------------------------------------------------------


def test_table_of_error_codes_is_current() -> None:
    codes = tool("error_codes")
    assert text(DOCS / "error-codes.md") == codes.table(codes.errors()), "run tools/error_codes.py"


def test_one_code_never_means_two_things() -> None:
    """Rooms may share a code only when they tell the same person the same sentence."""
    meanings: dict[str, set[tuple[str, object, int]]] = defaultdict(set)
    for error in tool("error_codes").errors():
        meanings[error.code].add((error.message, error.must_act, error.http_status))
    assert {code: said for code, said in meanings.items() if len(said) > 1} == {}


def test_every_error_has_a_code_of_its_own() -> None:
    borrowed = [error for error in tool("error_codes").errors() if "code" not in vars(error)]
    assert borrowed == []


def test_codes_are_upper_snake_case() -> None:
    strange = [e.code for e in tool("error_codes").errors() if not re.fullmatch(r"[A-Z][A-Z0-9_]*", e.code)]
    assert strange == []


@pytest.mark.parametrize("page", [DOCS / "operations.md", *MANUALS], ids=lambda page: page.stem)
def test_codes_named_for_people_exist(page: Path) -> None:
    known = {error.code for error in tool("error_codes").errors()} | _other_names()
    assert set(CODE.findall(without_code(page))) - known == set()


def _other_names() -> set[str]:
    """Names in capitals that are no error codes."""
    from vanthu.base.actors import Role
    from vanthu.environment import SignatureAppearance

    settings = {f"VANTHU_{name.upper()}" for name in Environment.model_fields} | {"VANTHU_DEMO_PORT"}
    values = {value.value for value in [*Role, *SignatureAppearance]}
    return settings | values | {"TO_TRINH"}


# --- settings ------------------------------------------------------------------------------------------------------


def test_table_of_settings_is_current() -> None:
    page = text(DOCS / "operations.md")
    assert tool("settings_table").renewed(page) == page, "run tools/settings_table.py"


def test_every_setting_is_documented() -> None:
    page = text(DOCS / "operations.md")
    assert [n for n in Environment.model_fields if f"`VANTHU_{n.upper()}`" not in page] == []


@by_page
def test_settings_named_anywhere_exist(page: Path) -> None:
    known = {f"VANTHU_{name.upper()}" for name in Environment.model_fields} | {"VANTHU_DEMO_PORT"}
    assert set(re.findall(r"VANTHU_[A-Z_]*[A-Z]", text(page))) - known == set()


# --- links and commands ---------------------------------------------------------------------------------------------


@by_page
def test_links_lead_somewhere(page: Path) -> None:
    dead = [target for target in LINK.findall(without_code(page)) if not _leads_somewhere(page, target)]
    assert dead == []


def _leads_somewhere(page: Path, target: str) -> bool:
    if "://" in target or _made_by_a_script(target):
        return True
    path, _, anchor = target.partition("#")
    file = (page.parent / path).resolve() if path else page
    return file.exists() and (not anchor or anchor in _anchors(file))


def _made_by_a_script(target: str) -> bool:
    """Pictures are taken of a running demonstration and need not be there yet."""
    return "screenshots/" in target and target.endswith(".png")


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", without_code(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@by_page
def test_make_commands_are_targets(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text(PROJECT / "Makefile"), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", text(page))) | set(
        re.findall(r"^(?:VANTHU_\S+ )?make ([a-z-]+)", text(page), re.MULTILINE)
    )
    assert named - targets == set()


def test_readme_names_the_two_commands_that_matter() -> None:
    for name in ("README.md", "README.vi.md"):
        assert "\nmake demo\n" in text(PROJECT / name)
        assert "\nmake test\n" in text(PROJECT / name)


@by_page
def test_vanthu_commands_exist(page: Path) -> None:
    known = _commands()
    lines = re.findall(r"(?:\.venv/bin/|`)vanthu ([a-z]+(?: [a-z]+)*)", text(page))
    unknown = [line for line in lines if not any(line == c or line.startswith(f"{c} ") for c in known)]
    assert unknown == []


def _commands() -> set[str]:
    import typer
    from typer.main import get_command

    from vanthu.cli import app
    from vanthu.commands import attach

    program = typer.Typer()
    attach(program)
    names = set(_below(get_command(program)))
    return names | {command.callback.__name__ for command in app.registered_commands if command.callback}


def _below(command: Any, before: str = "") -> Iterator[str]:
    for name, child in getattr(command, "commands", {}).items():
        path = f"{before} {name}".strip()
        if getattr(child, "commands", None):
            yield from _below(child, path)
        else:
            yield path


# --- rooms, announcements, API --------------------------------------------------------------------------------------


def test_architecture_names_every_room() -> None:
    rooms = {path.parent.name for path in (PROJECT / "src" / "vanthu").glob("*/__init__.py")}
    page = text(DOCS / "architecture.md")
    assert [room for room in sorted(rooms) if f"`{room}`" not in page] == []


def test_architecture_names_every_announcement_with_its_listeners() -> None:
    from vanthu.base.announcements import Announcement, listeners

    page = text(DOCS / "architecture.md")
    tool("error_codes").errors()  # imports every room
    for event in Announcement.__subclasses__():
        if not event.__module__.startswith("vanthu."):
            continue
        row = next((line for line in page.splitlines() if line.startswith(f"| `{event.__name__}`")), "")
        said = set(re.findall(r"`(vanthu\.[\w.]+)`", row))
        ours = {name for name in listeners().get(event.__name__, []) if name.startswith("vanthu.")}
        assert row, f"{event.__name__} is missing in docs/architecture.md"
        assert said == ours


def test_architecture_names_every_background_job_and_loop() -> None:
    from procrastinate.contrib.django import app

    from vanthu.base import worker

    tool("error_codes").errors()  # imports every room
    rooms = ("base.", "exchange.", "issuing.", "handling.", "axis.", "signing.")
    jobs = [name for name in app.tasks if name.startswith(rooms)]
    loops = [name.removeprefix("vanthu.") for name, *_ in worker._loops if name.startswith("vanthu.")]
    page = text(DOCS / "architecture.md")
    assert [name for name in jobs + loops if f"`{name}`" not in page] == []


def test_every_door_of_the_api_is_documented() -> None:
    from vanthu.api.v1 import api

    page = text(DOCS / "api.md")
    schema = api.get_openapi_schema(path_prefix="/")
    doors = [(method.upper(), path) for path, methods in schema["paths"].items() for method in methods]
    assert [door for door in doors if f"| `{door[0]} {door[1]}` |" not in page] == []
    named = set(re.findall(r"^\| `([A-Z]+) (/\S+)` \|", page, re.MULTILINE))
    assert named - set(doors) == set()


# --- manuals --------------------------------------------------------------------------------------------------------


@by_manual
def test_words_of_the_screens_are_the_manuals_words(manual: Path) -> None:
    """What a manual prints in bold stands on a screen, letter by letter."""
    words = [" ".join(bold.split()) for bold in BOLD.findall(text(manual))]
    assert words
    assert [word for word in words if word not in _screens()] == []


@cache
def _screens() -> str:
    sources = PROJECT / "src" / "vanthu"
    files = [*sources.glob("*/templates/**/*.html"), *sources.glob("**/*.py")]
    return "\n".join(" ".join(text(file).split()) for file in sorted(files))


# --- examples that run ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_script_of_a_first_agency_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests import world

    from vanthu.demo import images, pki
    from vanthu.directory.models import Post
    from vanthu.records.models import Direction, Register
    from vanthu.signing.models import SigningKey

    world.trust_authority()
    page = text(DOCS / "operations.md")
    script = page.partition("<!-- first agency -->\n```python\n")[2].partition("\n```")[0]
    for name, slug in (("chu-tich", "chu-tich"), ("con-dau", "ubnd")):
        (tmp_path / f"{name}.p12").write_bytes(pki.p12_path(world.authority(), slug).read_bytes())
        (tmp_path / f"{name}.png").write_bytes(images.signature("Nguyễn Văn Một"))
    # as an operator does: the names are those that stand in the certificates
    script = script.replace("Nguyễn Văn Một", "Võ Trọng Thử")
    script = script.replace("Ủy ban nhân dân xã Cẩm Bình", "Ủy ban nhân dân tỉnh Hà Tĩnh")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "getpass.getpass", lambda asked: world.PASSPHRASE if "p12" in asked else "mat-khau-dai"
    )
    exec(compile(script, "set-up.py", "exec"), {})
    assert Post.objects.filter(agency__place="Cẩm Bình").count() == 3
    assert set(Register.objects.values_list("direction", flat=True)) == set(Direction.values)
    assert SigningKey.objects.filter(active=True).count() == 2


@pytest.mark.django_db
def test_api_session_works_as_described() -> None:
    from django.test import Client
    from tests.web.office import PASSWORD, make_office

    make_office()
    client = Client(enforce_csrf_checks=True)
    assert client.get("/api/v1/me").status_code == 401
    assert client.get("/api/v1/openapi.json").json()["openapi"].startswith("3.")

    client.get("/accounts/login/")
    token = next(cookie.value for name, cookie in client.cookies.items() if "csrf" in name)
    answer = client.post(
        "/accounts/login/", {"login": "hoa", "password": PASSWORD}, headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 302
    assert client.get("/api/v1/me").json()["name"] == "Lê Thị Hoa"

    draft = {"type_code": "CONG_VAN", "subject": "V/v rà soát"}
    post = {"data": draft, "content_type": "application/json"}
    assert client.post("/api/v1/drafts", **post).status_code == 403  # no token
    token = next(cookie.value for name, cookie in client.cookies.items() if "csrf" in name)
    made = client.post("/api/v1/drafts", **post, headers={"X-CSRFToken": token})
    assert made.status_code == 201
    key = made.json()["id"]
    refused = client.post(f"/api/v1/documents/{key}/submit", headers={"X-CSRFToken": token})
    assert (refused.status_code, refused.json()["code"]) == (400, "DRAFT_INCOMPLETE")
    missing = client.get("/api/v1/documents/00000000-0000-7000-8000-000000000000")
    assert (missing.status_code, missing.json()["code"]) == (404, "NOT_FOUND")
    assert (
        client.post("/api/v1/drafts", {}, "application/json", headers={"X-CSRFToken": token}).status_code
        == 422
    )
