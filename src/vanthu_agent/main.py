"""``vanthu-agent``: the program."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from vanthu_agent import PORT, VERSION, libraries
from vanthu_agent.agent import Agent
from vanthu_agent.door import Door
from vanthu_agent.questions import Questions
from vanthu_agent.sites import Sites, folder, make_private
from vanthu_agent.words import said


def main(arguments: list[str] | None = None) -> int:
    """Run until it is closed. Exit status: 0 closed, 1 no library, 2 the port is taken or arguments are wrong."""
    given = _parser().parse_args(arguments)
    sites = Sites(given.folder / "sites.json")
    if given.forget:
        sites.forget(given.forget)
        return 0
    found = given.library or libraries.installed()
    if not found:
        print(said("LIBRARY_ABSENT"), file=sys.stderr)
        return 1
    make_private(given.folder)
    agent = Agent(sites, Questions(), found)
    try:
        door = Door(agent, given.port)
    except OSError:
        print(f"Cổng {given.port} đang được dùng: có lẽ vanthu-agent đã chạy.", file=sys.stderr)
        return 2
    threading.Thread(target=door.serve_forever, daemon=True).start()
    _serve(agent, terminal=given.terminal, pairing=given.pair or not sites.all())
    return 0


def _serve(agent: Agent, *, terminal: bool, pairing: bool) -> None:
    try:
        if not terminal and _screen():
            from vanthu_agent.window import Window

            Window(agent, pairing=pairing).run()
        else:
            from vanthu_agent.terminal import run

            run(agent, pairing=pairing)
    except KeyboardInterrupt:
        return


def _screen() -> bool:
    """Whether a window can be opened."""
    try:
        import tkinter as tk

        tk.Tk().destroy()
    except (ImportError, RuntimeError):
        return False
    except Exception as problem:
        if type(problem).__name__ != "TclError":
            raise
        return False
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vanthu-agent",
        description="Ký văn bản của Vanthu bằng thiết bị khóa ký cắm vào máy này. Mã PIN chỉ nhập ở đây.",
    )
    parser.add_argument("--version", action="version", version=VERSION)
    parser.add_argument("--pair", action="store_true", help="hiện mã để ghép nối thêm một trang")
    parser.add_argument("--forget", metavar="ORIGIN", help="bỏ ghép nối với trang (https://…) rồi thoát")
    parser.add_argument("--terminal", action="store_true", help="hỏi trong cửa sổ dòng lệnh")
    parser.add_argument(
        "--library", type=Path, action="append", help="thư viện PKCS#11 của thiết bị; có thể lặp lại"
    )
    parser.add_argument("--port", type=int, default=PORT, help=f"cổng trên máy này (mặc định {PORT})")
    parser.add_argument("--folder", type=Path, default=folder(), help="nơi giữ danh sách trang đã ghép nối")
    return parser
