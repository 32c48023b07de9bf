// The drafting page: autosave, uploads with progress, fields read from the file. Needs htmx and picker.js.
(function () {
  "use strict";
  const form = document.querySelector("[data-draft]");
  if (!form) return;
  const saved = document.getElementById("draft-saved");
  let dirty = false;
  let timer = 0;

  // --- keep what is typed ------------------------------------------------------------------------------------
  const saveSoon = function (delay) {
    dirty = true;
    window.clearTimeout(timer);
    timer = window.setTimeout(function () { window.htmx.trigger(saved, "draft-changed"); }, delay);
  };
  const typed = function (event) {
    if (event.target.type === "file" || event.target.name === "q") return;
    const suggested = event.target.closest("[data-suggest]");
    if (suggested && event.isTrusted) {
      suggested.dataset.touched = "1";
      suggested.querySelector("[data-from-file]").hidden = true;
    }
    saveSoon(1200);
  };
  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  saved.addEventListener("htmx:beforeRequest", function () { dirty = false; });
  saved.addEventListener("htmx:sendError", function () {
    saved.textContent = form.dataset.unsaved;
    saveSoon(5000);
  });
  saved.addEventListener("htmx:responseError", function () { dirty = true; });
  form.addEventListener("submit", function () {
    window.clearTimeout(timer);
    window.htmx.trigger(saved, "htmx:abort");
    dirty = false;
  });
  window.addEventListener("beforeunload", function (event) { if (dirty) event.preventDefault(); });

  // --- files ---------------------------------------------------------------------------------------------------
  const boxOf = function (element) { return element.closest(".file-box"); };
  const showError = function (box, text) {
    const list = box.querySelector("[data-file-error]");
    box.querySelector("[data-file-error-text]").textContent = text;
    list.hidden = !text;
  };
  form.addEventListener("change", function (event) {
    const input = event.target;
    if (input.type !== "file" || !input.files.length) return;
    const limit = Number(form.dataset.limitMb) * 1024 * 1024;
    if (Array.from(input.files).some(function (file) { return file.size > limit; })) {
      showError(boxOf(input), form.dataset.tooLarge);
      input.value = "";
      return;
    }
    window.clearTimeout(timer);
    window.htmx.process(input); // a box that came a moment ago is not listened to until it has settled
    window.htmx.trigger(input, "upload");
  });
  const showProgress = function (input, share) {
    const area = boxOf(input).querySelector("[data-progress]");
    const words = area.querySelector("[data-sending]");
    area.hidden = false;
    if (share < 1) area.querySelector("progress").value = Math.round(share * 100);
    else area.querySelector("progress").removeAttribute("value");
    words.textContent = share < 1 ? words.dataset.sending : words.dataset.checking;
  };
  form.addEventListener("htmx:beforeRequest", function (event) {
    if (event.target.type === "file") showProgress(event.target, 0);
  });
  form.addEventListener("htmx:xhr:progress", function (event) {
    if (event.target.type !== "file" || !event.detail.lengthComputable) return;
    if (event.target.isConnected) showProgress(event.target, event.detail.loaded / event.detail.total);
  });
  form.addEventListener("htmx:afterRequest", function (event) {
    if (event.target.type !== "file" || event.detail.successful) return;
    const box = event.target.isConnected && boxOf(event.target);
    if (box) { box.querySelector("[data-progress]").hidden = true; event.target.value = ""; }
  });
  ["dragover", "drop"].forEach(function (name) {
    window.addEventListener(name, function (event) { event.preventDefault(); });
  });
  ["dragenter", "dragover"].forEach(function (name) {
    form.addEventListener(name, function (event) {
      const zone = event.target.closest("[data-drop]");
      if (zone) zone.classList.add("drop-over");
    });
  });
  form.addEventListener("dragleave", function (event) {
    const zone = event.target.closest("[data-drop]");
    if (zone && !zone.contains(event.relatedTarget)) zone.classList.remove("drop-over");
  });
  form.addEventListener("drop", function (event) {
    const zone = event.target.closest("[data-drop]");
    if (!zone || !event.dataTransfer.files.length) return;
    zone.classList.remove("drop-over");
    const input = zone.querySelector("input[type=file]");
    const taken = new DataTransfer();
    Array.from(event.dataTransfer.files).slice(0, input.multiple ? undefined : 1)
      .forEach(function (file) { taken.items.add(file); });
    input.files = taken.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // --- what was read from the file goes into fields that nobody filled --------------------------------------------
  const suggest = function (values) {
    let filled = false;
    Object.keys(values).forEach(function (name) {
      const area = form.querySelector('[data-suggest="' + name + '"]');
      const input = form.elements[name];
      if (!area || !input || area.dataset.touched) return;
      if (name !== "type_code" && input.value.trim()) return;
      if (input.value === values[name]) return;
      input.value = values[name];
      area.querySelector("[data-from-file]").hidden = false;
      filled = true;
    });
    if (filled) saveSoon(200);
  };
  form.addEventListener("htmx:afterSwap", function () {
    const box = document.querySelector("#main-box[data-suggestions]");
    if (!box) return;
    suggest(JSON.parse(box.dataset.suggestions));
    box.removeAttribute("data-suggestions");
  });

  // --- recipients ----------------------------------------------------------------------------------------------
  form.addEventListener("picker-changed", function () { saveSoon(400); });
})();
