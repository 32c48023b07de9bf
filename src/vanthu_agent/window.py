"""The agent's window: paired sites, the pairing code, and a question in front of everything else."""

from __future__ import annotations

import tkinter as tk
from functools import partial
from tkinter import ttk

from vanthu_agent.agent import Agent
from vanthu_agent.questions import Question
from vanthu_agent.words import grouped, spaced

LOOK_AGAIN_MS = 150
WIDTH = 560
_WORDS = {"sign": ("Ký", "ký {count} tệp"), "open": ("Mở", "mở {count} tệp mã hóa")}
"""What is asked → the button, and how the question names it."""


class Window:
    """One window; :meth:`run` ends when it is closed."""

    def __init__(self, agent: Agent, *, pairing: bool) -> None:
        self._agent = agent
        self._root = tk.Tk()
        self._root.title("Vanthu – ký số")
        self._root.minsize(WIDTH, 240)
        self._code = tk.StringVar()
        self._line = tk.StringVar(value="Đang chờ yêu cầu từ trang đã ghép nối.")
        self._dialog: _Dialog | None = None
        self._body = ttk.Frame(self._root, padding=16)
        self._body.pack(fill="both", expand=True)
        self._draw()
        if pairing:
            self._show_code()

    def run(self) -> None:
        """Serve the window until it is closed."""
        self._root.after(LOOK_AGAIN_MS, self._look)
        self._root.mainloop()

    def _draw(self) -> None:
        for child in self._body.winfo_children():
            child.destroy()
        sites = self._agent.sites.all()
        ttk.Label(self._body, text="Trang đã ghép nối", font=("TkDefaultFont", 12, "bold")).pack(anchor="w")
        if not sites:
            ttk.Label(self._body, text="Chưa có trang nào.").pack(anchor="w", pady=(4, 8))
        for site in sites:
            row = ttk.Frame(self._body)
            row.pack(fill="x", pady=2)
            forget = partial(self._forget, site.origin, site.pairing)
            ttk.Button(row, text="Bỏ ghép nối", command=forget).pack(side="right", padx=(12, 0))
            text = f"{site.person} · {site.name}\n{site.origin}"
            ttk.Label(row, text=text, wraplength=WIDTH - 160).pack(side="left")
        ttk.Button(self._body, text="Ghép nối trang mới", command=self._show_code).pack(anchor="w", pady=8)
        ttk.Label(self._body, textvariable=self._code, font=("TkFixedFont", 20, "bold")).pack(anchor="w")
        ttk.Label(self._body, textvariable=self._line, wraplength=WIDTH - 40).pack(anchor="w", pady=(8, 0))

    def _show_code(self) -> None:
        self._code.set(spaced(self._agent.code.show()))
        self._line.set("Nhập mã này trên trang “Khóa ký của tôi”. Mã dùng một lần, trong 10 phút.")

    def _forget(self, origin: str, pairing: str) -> None:
        self._agent.sites.forget(origin, pairing)
        self._draw()

    def _look(self) -> None:
        if self._dialog is not None and self._dialog.question.over:
            self._dialog.close()
            self._dialog = None
        if self._dialog is None:
            question = self._agent.questions.next_question()
            if question is not None:
                self._dialog = _Dialog(self._root, question)
        while (line := self._agent.questions.next_line()) is not None:
            self._code.set("")
            self._draw()
            self._line.set(line)
        self._root.after(LOOK_AGAIN_MS, self._look)


class _Dialog:
    """One question."""

    def __init__(self, root: tk.Tk, question: Question) -> None:
        self.question = question
        self._top = tk.Toplevel(root)
        self._top.title("Xác nhận")
        self._top.attributes("-topmost", True)
        self._top.protocol("WM_DELETE_WINDOW", lambda: question.answer(None))
        self._pin = tk.StringVar()
        body = ttk.Frame(self._top, padding=16)
        body.pack(fill="both", expand=True)
        for text in _lines(question):
            ttk.Label(body, text=text, wraplength=WIDTH).pack(anchor="w", pady=1)
        if question.kind in _WORDS:
            self._list(body)
            self._ask_pin(body)
        doing = ttk.Frame(body)
        doing.pack(fill="x", pady=(12, 0))
        word = _WORDS.get(question.kind, ("Đồng ý ghép nối",))[0]
        ttk.Button(doing, text="Từ chối", command=lambda: question.answer(None)).pack(side="left")
        ttk.Button(doing, text=word, command=self._agree).pack(side="right")
        self._top.bind("<Return>", lambda _event: self._agree())
        self._top.lift()
        self._top.focus_force()

    def close(self) -> None:
        """Take the question away, and the PIN with it."""
        self._pin.set("")
        self._top.destroy()

    def _list(self, body: ttk.Frame) -> None:
        frame = ttk.Frame(body)
        frame.pack(fill="both", expand=True, pady=8)
        height = min(16, 4 * len(self.question.items) + 1)
        shown = tk.Text(frame, height=height, width=76, wrap="word", padx=6, pady=4, font="TkDefaultFont")
        shown.tag_configure("title", font=("TkDefaultFont", 10, "bold"), spacing1=5)
        shown.tag_configure("digest", font=("TkFixedFont", 8))
        bar = ttk.Scrollbar(frame, command=shown.yview)
        shown.configure(yscrollcommand=bar.set)
        bar.pack(side="right", fill="y")
        for item in self.question.items:
            shown.insert("end", f"{item.number} {item.title}".strip() + "\n", "title")
            if self.question.kind == "sign":
                shown.insert("end", f"SHA-256 {grouped(item.document_digest)}\n", "digest")
        shown.configure(state="disabled")
        shown.pack(side="left", fill="both", expand=True)

    def _ask_pin(self, body: ttk.Frame) -> None:
        row = ttk.Frame(body)
        row.pack(fill="x")
        ttk.Label(row, text="Mã PIN của thiết bị").pack(side="left")
        entry = ttk.Entry(row, textvariable=self._pin, show="•", width=24)
        entry.pack(side="right")
        entry.focus_set()

    def _agree(self) -> None:
        if self.question.kind == "pair":
            self.question.answer("yes")
        elif self._pin.get():
            self.question.answer(self._pin.get())


def _lines(question: Question) -> list[str]:
    if question.kind == "pair":
        return [
            f"Trang {question.origin} ({question.site})",
            f"của {question.person} muốn ghép nối với máy này.",
        ]
    what = _WORDS[question.kind][1].format(count=len(question.items))
    return [
        f"Trang {question.origin} đề nghị {question.person} {what} bằng chứng thư số:",
        question.certificate,
    ]
