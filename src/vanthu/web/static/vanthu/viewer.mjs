// The page image: PDF.js with lazy pages, text layer, thumbnails, search, keys. One viewer per [data-viewer].

class Viewer {
  constructor(root) {
    this.root = root;
    this.part = (name) => root.querySelector(`[data-${name}]`);
    this.scroll = this.part("scroll");
    this.url = root.dataset.url;
    this.listen();
    this.open();
  }

  async open() {
    this.show("loading");
    try {
      await this.load();
    } catch (error) {
      this.fail(error);
    }
  }

  async load() {
    const data = this.root.dataset;
    const pdfjs = await import(data.pdfjs);
    globalThis.pdfjsLib = pdfjs;
    pdfjs.GlobalWorkerOptions.workerSrc = data.worker;
    const parts = await import(data.components);
    if (!this.viewer) this.build(parts, pdfjs);
    const task = pdfjs.getDocument({
      url: this.url,
      verbosity: pdfjs.VerbosityLevel.ERRORS,
      cMapUrl: `${data.resources}cmaps/`,
      standardFontDataUrl: `${data.resources}standard_fonts/`,
      wasmUrl: `${data.resources}wasm/`,
      iccUrl: `${data.resources}iccs/`,
      isEvalSupported: false,
      enableXfa: false,
    });
    const progress = this.part("progress");
    task.onProgress = ({ loaded, total }) => {
      if (total) { progress.max = total; progress.value = Math.min(loaded, total); }
    };
    this.pdf = await task.promise;
    this.viewer.setDocument(this.pdf);
    this.links.setDocument(this.pdf);
    this.part("count").textContent = this.pdf.numPages;
    this.show("pages");
  }

  build(parts, pdfjs) {
    this.bus = new parts.EventBus();
    this.links = new parts.PDFLinkService({ eventBus: this.bus, externalLinkTarget: 2 });
    this.finder = new parts.PDFFindController({ linkService: this.links, eventBus: this.bus });
    this.viewer = new parts.PDFViewer({
      container: this.scroll,
      eventBus: this.bus,
      linkService: this.links,
      findController: this.finder,
      annotationMode: pdfjs.AnnotationMode.ENABLE,
      annotationEditorMode: pdfjs.AnnotationEditorType.DISABLE,
      removePageBorders: matchMedia("(max-width: 860px)").matches,
      l10n: new QuietWords(),
    });
    this.links.setViewer(this.viewer);
    this.bus.on("pagesinit", () => {
      this.viewer.currentScaleValue = "page-width";
      this.scroll.querySelectorAll(".page").forEach((page) => {
        page.setAttribute("aria-label", `${this.root.dataset.textPage} ${page.dataset.pageNumber}`);
      });
    });
    this.bus.on("pagerendered", ({ pageNumber, source }) => {
      const detail = { number: pageNumber, sheet: source.div };
      this.root.dispatchEvent(new CustomEvent("viewer:page", { detail }));
    });
    this.bus.on("pagechanging", ({ pageNumber }) => this.mark(pageNumber));
    this.bus.on("scalechanging", ({ scale }) => {
      this.part("scale").textContent = `${Math.round(scale * 100)}%`;
    });
    this.bus.on("updatefindmatchescount", ({ matchesCount }) => this.count(matchesCount));
    this.bus.on("updatefindcontrolstate", ({ state, matchesCount }) => {
      if (state === 1) this.part("found").textContent = this.root.dataset.textNone;
      else this.count(matchesCount);
      setTimeout(() => this.comeBackLeft(), 120);
    });
    let width = 0;
    new ResizeObserver(([entry]) => {
      if (!this.pdf || Math.abs(entry.contentRect.width - width) < 2) return;
      width = entry.contentRect.width;
      if (this.viewer.currentScaleValue === "page-width") this.viewer.currentScaleValue = "page-width";
    }).observe(this.scroll);
  }

  listen() {
    const acts = {
      previous: () => this.viewer.previousPage(),
      next: () => this.viewer.nextPage(),
      in: () => this.viewer.updateScale({ steps: 1 }),
      out: () => this.viewer.updateScale({ steps: -1 }),
      fit: () => { this.viewer.currentScaleValue = "page-width"; },
      thumbs: (button) => this.toggleThumbs(button),
      retry: () => this.open(),
    };
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (!button || (!this.pdf && button.dataset.do !== "retry")) return;
      acts[button.dataset.do](button);
    });
    const page = this.part("page");
    page.addEventListener("change", () => {
      const wanted = Number.parseInt(page.value, 10);
      if (this.pdf && wanted >= 1 && wanted <= this.pdf.numPages) this.viewer.currentPageNumber = wanted;
      page.value = this.viewer?.currentPageNumber ?? 1;
    });
    const find = this.part("find");
    let pause = 0;
    find.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(() => this.find(""), 200); });
    find.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); this.find("again", event.shiftKey); }
      if (event.key === "Escape") { find.value = ""; this.find(""); this.scroll.focus(); }
    });
    document.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    const at = event.target;
    if (!this.pdf || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.ctrlKey) {
      if (event.key === "f" && this.root.offsetParent) { event.preventDefault(); this.part("find").focus(); }
      return;
    }
    if (at.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(at.tagName)) return;
    const acts = {
      PageDown: () => this.viewer.nextPage(),
      PageUp: () => this.viewer.previousPage(),
      j: () => this.viewer.nextPage(),
      k: () => this.viewer.previousPage(),
      "+": () => this.viewer.updateScale({ steps: 1 }),
      "=": () => this.viewer.updateScale({ steps: 1 }),
      "-": () => this.viewer.updateScale({ steps: -1 }),
      0: () => { this.viewer.currentScaleValue = "page-width"; },
    };
    const act = acts[event.key];
    if (act) { event.preventDefault(); act(); }
  }

  find(type, backwards = false) {
    const query = this.part("find").value.normalize("NFC");
    if (!query) this.part("found").textContent = "";
    this.bus?.dispatch("find", {
      source: this, type, query, caseSensitive: false, entireWord: false,
      highlightAll: true, findPrevious: backwards, matchDiacritics: false,
    });
  }

  count({ current, total }) {
    const typed = this.part("find").value;
    this.part("found").textContent = typed && total ? `${current}/${total}` : typed ? this.root.dataset.textNone : "";
  }

  // A hit scrolls sideways beside a landscape annex; go back when the hit is in sight without that.
  comeBackLeft() {
    const hit = this.scroll.querySelector(".highlight.selected");
    if (!hit || !this.scroll.scrollLeft) return;
    const right = hit.getBoundingClientRect().right - this.scroll.getBoundingClientRect().left;
    if (right + this.scroll.scrollLeft < this.scroll.clientWidth) this.scroll.scrollLeft = 0;
  }

  mark(number) {
    this.part("page").value = number;
    this.part("thumbs").querySelectorAll("button").forEach((button) => {
      const here = Number(button.dataset.number) === number;
      button.setAttribute("aria-current", here ? "page" : "false");
      if (here && !this.part("thumbs").hidden) button.scrollIntoView({ block: "nearest" });
    });
  }

  toggleThumbs(button) {
    const thumbs = this.part("thumbs");
    thumbs.hidden = !thumbs.hidden;
    button.setAttribute("aria-pressed", String(!thumbs.hidden));
    if (!thumbs.hidden && !thumbs.childElementCount) this.makeThumbs(thumbs);
    this.mark(this.viewer.currentPageNumber);
  }

  makeThumbs(thumbs) {
    const seen = new IntersectionObserver((entries) => {
      entries.filter((entry) => entry.isIntersecting).forEach((entry) => {
        seen.unobserve(entry.target);
        this.drawThumb(entry.target);
      });
    }, { root: thumbs, rootMargin: "200px" });
    for (let number = 1; number <= this.pdf.numPages; number += 1) {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.number = String(number);
      button.setAttribute("aria-label", `${this.root.dataset.textPage} ${number}`);
      button.append(document.createElement("canvas"), String(number));
      button.addEventListener("click", () => { this.viewer.currentPageNumber = number; });
      thumbs.append(button);
      seen.observe(button);
    }
  }

  async drawThumb(button) {
    const page = await this.pdf.getPage(Number(button.dataset.number));
    const flat = page.getViewport({ scale: 1 });
    const viewport = page.getViewport({ scale: 200 / flat.width });
    const canvas = button.querySelector("canvas");
    canvas.width = viewport.width;
    canvas.height = viewport.height;
    await page.render({ canvas, viewport }).promise;
  }

  show(state) {
    this.part("loading").hidden = state !== "loading";
    this.part("failed").hidden = state !== "failed";
    this.root.dataset.state = state;
  }

  fail(error) {
    const texts = this.root.dataset;
    const reasons = { PasswordException: texts.textPassword, InvalidPDFException: texts.textBroken };
    this.part("reason").textContent = reasons[error?.name] ?? texts.textNetwork;
    this.show("failed");
  }
}

// PDF.js would fetch translated words for controls of its own, which this page does not show.
class QuietWords {
  getLanguage() { return document.documentElement.lang; }
  getDirection() { return "ltr"; }
  async get(ids, args, fallback) { return fallback ?? ids; }
  async translate() {}
  async translateOnce() {}
  pause() {}
  resume() {}
  async destroy() {}
}

document.querySelectorAll("[data-viewer]").forEach((root) => new Viewer(root));
