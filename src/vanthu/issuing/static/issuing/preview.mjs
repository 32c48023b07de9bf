// What will come onto the pages: number, date, signature and seal shown where they will stand, before anybody signs.
import { goTo, lay, layerOf, onPage, sheetOf, viewer } from "./sheets.mjs";

class Preview {
  constructor(root) {
    this.root = root;
    this.list = root.querySelector("[data-preview-list]");
    this.shown = root.querySelector("[data-preview-shown]");
    this.coming = [];
    this.shown.addEventListener("change", () => viewer.classList.toggle("preview-off", !this.shown.checked));
    onPage((number) => this.draw(number));
    this.load();
  }

  async load() {
    const answer = await fetch(this.root.dataset.preview, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    this.coming = (await answer.json()).coming;
    this.root.hidden = !this.coming.length;
    this.coming.forEach((item) => this.list.append(this.row(item)));
    new Set(this.coming.map((item) => item.page)).forEach((number) => this.draw(number));
  }

  row(item) {
    const row = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = `coming-row coming-${item.part}`;
    const page = document.createElement("span");
    page.className = "quiet";
    page.textContent = `${this.root.dataset.textPage} ${item.page}`;
    button.append(item.label, page);
    button.addEventListener("click", () => this.point(item));
    row.append(button);
    return row;
  }

  point(item) {
    document.querySelector(".sheet-open [data-sheet-close]")?.click();
    goTo(item.page);
    requestAnimationFrame(() => {
      const laid = sheetOf(item.page)?.querySelector(`.coming[data-part="${item.part}"]`);
      if (!laid) return;
      laid.scrollIntoView({ block: "center", inline: "nearest" });
      laid.classList.add("coming-pointed");
      setTimeout(() => laid.classList.remove("coming-pointed"), 1600);
    });
  }

  draw(number) {
    const layer = layerOf(number);
    if (!layer) return;
    layer.replaceChildren(...this.coming.filter((item) => item.page === number).flatMap((item) => this.parts(item)));
  }

  parts(item) {
    const box = document.createElement("div");
    box.className = `coming coming-${item.part}`;
    box.dataset.part = item.part;
    box.title = item.label;
    lay(box, item);
    if (item.image) {
      const picture = document.createElement("img");
      picture.src = item.image;
      picture.alt = item.label;
      box.append(picture);
      box.classList.add("coming-drawn");
    } else if (!item.words.length) {
      const label = document.createElement("span");
      label.textContent = item.label;
      box.append(label);
    }
    return [box, ...item.words.map((words) => this.words(words))];
  }

  words({ text, x, baseline, size, italic }) {
    const line = document.createElement("span");
    line.className = "coming-words";
    line.textContent = text;
    line.style.setProperty("left", `${100 * x}%`);
    line.style.setProperty("top", `${100 * baseline}%`);
    line.style.setProperty("font-size", `${100 * size}cqw`);
    line.style.setProperty("font-style", italic ? "italic" : "normal");
    return line;
  }
}

const root = document.querySelector("[data-preview]");
if (root && viewer) new Preview(root);
