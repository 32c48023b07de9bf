// Putting number, date, signature and seal on the page: by mouse, finger or keys; the fields beside it always agree.
import { goTo, lay, layerOf, onPage, pageInView, viewer } from "./sheets.mjs";

const GAPS = ["day", "month", "year"];
const STEP = 1; // millimetres
const round = (value) => Math.round(value * 10) / 10;

class Place {
  constructor(board, row) {
    this.board = board;
    this.row = row;
    this.part = row.dataset.part;
    this.width = Number(row.dataset.width);
    this.height = Number(row.dataset.height);
    this.fields = {};
    ["page", "left", "top"].forEach((name) => { this.fields[name] = row.querySelector(`[data-at=${name}]`); });
    this.box = this.makeBox();
    Object.values(this.fields).forEach((field) => field.addEventListener("change", () => this.typed()));
    row.querySelector("[data-here]").addEventListener("click", () => this.bring());
  }

  makeBox() {
    const box = document.createElement("button");
    box.type = "button";
    box.className = "place-box";
    box.dataset.part = this.part;
    box.setAttribute("aria-describedby", "places-keys");
    const inside = document.createElement(this.row.dataset.image ? "img" : "span");
    if (this.row.dataset.image) { inside.src = this.row.dataset.image; inside.alt = ""; }
    else inside.textContent = this.row.dataset.sample || this.row.dataset.label;
    box.append(inside);
    box.addEventListener("pointerdown", (event) => this.grab(event));
    box.addEventListener("keydown", (event) => this.key(event));
    box.addEventListener("focus", () => this.board.choose(this));
    return box;
  }

  get at() {
    return { page: Number(this.fields.page.value), left: Number(this.fields.left.value), top: Number(this.fields.top.value) };
  }

  // Moves within the page; `alone` spares the parts that go along.
  put(page, left, top, alone = false) {
    const before = this.at;
    const number = Math.min(Math.max(1, Math.round(page) || 1), this.board.pages.length);
    const sheet = this.board.pages[number - 1];
    const inside = (value, most) => round(Math.min(Math.max(0, value || 0), Math.max(0, most)));
    this.fields.page.value = number;
    this.fields.left.value = inside(left, sheet.width - this.width);
    this.fields.top.value = inside(top, sheet.height - this.height);
    this.draw();
    if (!alone) this.board.along(this, before);
  }

  draw() {
    const { page, left, top } = this.at;
    const layer = layerOf(page);
    const sheet = this.board.pages[page - 1];
    this.box.hidden = this.row.hidden;
    this.box.setAttribute("aria-label", `${this.row.dataset.label}: ${this.board.said(this.at)}`);
    if (!layer || !sheet) return;
    lay(this.box, { left: left / sheet.width, top: top / sheet.height, width: this.width / sheet.width, height: this.height / sheet.height });
    if (this.box.parentNode !== layer) {
      const focused = document.activeElement === this.box;
      layer.append(this.box);
      if (focused) this.box.focus({ preventScroll: true });
    }
    if (this.row.dataset.sample) this.letter((77 * this.height) / sheet.width);
  }

  // The letters' size in hundredths of the page's width; smaller when they would not fit, as they will be written.
  letter(size) {
    this.box.style.setProperty("font-size", `${size}cqw`);
    const needed = this.box.firstElementChild.offsetWidth;
    const room = this.box.clientWidth;
    if (room && needed > room) this.box.style.setProperty("font-size", `${(size * room) / needed}cqw`);
  }

  typed() {
    const { page, left, top } = this.at;
    this.put(page, left, top);
  }

  bring() {
    const page = pageInView();
    const sheet = this.board.pages[page - 1];
    this.put(page, (sheet.width - this.width) / 2, (sheet.height - this.height) / 2);
    this.box.scrollIntoView({ block: "center" });
    this.box.focus({ preventScroll: true });
  }

  grab(event) {
    if (event.button) return;
    event.preventDefault();
    this.box.focus({ preventScroll: true });
    this.board.choose(this);
    const edge = this.box.getBoundingClientRect();
    const hold = { x: event.clientX - edge.left, y: event.clientY - edge.top };
    this.box.classList.add("place-moving");
    const move = (at) => { at.preventDefault(); this.follow(at, hold); };
    const drop = () => {
      this.box.classList.remove("place-moving");
      ["pointermove", "pointerup", "pointercancel"].forEach((name) => window.removeEventListener(name, name === "pointermove" ? move : drop));
      this.board.tell(this);
    };
    window.addEventListener("pointermove", move, { passive: false });
    window.addEventListener("pointerup", drop);
    window.addEventListener("pointercancel", drop);
  }

  follow({ clientX, clientY }, hold) {
    const area = this.board.scroll.getBoundingClientRect();
    if (clientY > area.bottom - 36) this.board.scroll.scrollBy(0, 14);
    if (clientY < area.top + 36) this.board.scroll.scrollBy(0, -14);
    const sheets = [...viewer.querySelectorAll(".page")];
    const sheet = sheets.find((one) => { const edge = one.getBoundingClientRect(); return clientY >= edge.top && clientY <= edge.bottom; });
    if (!sheet) return;
    const edge = sheet.getBoundingClientRect();
    const number = Number(sheet.dataset.pageNumber);
    const size = this.board.pages[number - 1];
    this.put(number, ((clientX - hold.x - edge.left) / edge.width) * size.width, ((clientY - hold.y - edge.top) / edge.height) * size.height);
  }

  key(event) {
    const step = event.shiftKey ? 5 * STEP : STEP;
    const { page, left, top } = this.at;
    const moves = {
      ArrowLeft: [page, left - step, top], ArrowRight: [page, left + step, top],
      ArrowUp: [page, left, top - step], ArrowDown: [page, left, top + step],
      PageUp: [page - 1, left, top], PageDown: [page + 1, left, top],
      "-": [page - 1, left, top], "+": [page + 1, left, top],
    };
    const to = moves[event.key];
    if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.put(...to);
    if (this.at.page !== page) goTo(this.at.page);
    this.box.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.board.tell(this);
  }
}

class Board {
  constructor(form) {
    this.form = form;
    this.pages = JSON.parse(form.dataset.pages);
    this.scroll = viewer.querySelector("[data-scroll]");
    this.follows = form.querySelector("[data-follows]");
    this.voice = form.querySelector("[data-voice]");
    this.places = [...form.querySelectorAll("[data-part]")].map((row) => new Place(this, row));
    form.querySelectorAll("[data-date]").forEach((choice) => choice.addEventListener("change", () => this.date()));
    onPage((number) => this.places.filter((place) => place.at.page === number).forEach((place) => place.draw()));
    this.date();
    form.classList.add("places-live");
  }

  of(part) { return this.places.find((place) => place.part === part); }

  date() {
    const line = this.form.querySelector("[name=date]:checked").value === "line";
    const year = this.form.querySelector("[name=with_year]");
    year.closest("label").hidden = line;
    const used = { date: line, day: !line, month: !line, year: !line && year.checked };
    Object.entries(used).forEach(([part, shown]) => { this.of(part).row.hidden = !shown; });
    this.places.forEach((place) => place.draw());
  }

  // The seal goes with the signature, month and year stay on the day's line.
  along(place, before) {
    const { page, left, top } = place.at;
    if (place.part === "signature" && this.follows.checked) {
      const seal = this.of("seal");
      seal.put(page, seal.at.left + left - before.left, seal.at.top + top - before.top, true);
    }
    if (!GAPS.includes(place.part)) return;
    GAPS.map((part) => this.of(part)).filter((other) => other !== place).forEach((other) => other.put(page, other.at.left, top, true));
  }

  choose(chosen) {
    this.places.forEach((place) => place.row.classList.toggle("place-chosen", place === chosen));
  }

  said({ page, left, top }) {
    return this.form.dataset.said.replace("{page}", page).replace("{left}", left).replace("{top}", top);
  }

  tell(place) { this.voice.textContent = `${place.row.dataset.label}: ${this.said(place.at)}`; }
}

const form = document.querySelector("[data-places]");
if (form && viewer) new Board(form);
