// The drafting page: autosave, uploads with progress, recipients picker, fields read from the file. Needs htmx.
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
  const picker = form.querySelector("[data-picker]");
  const search = document.getElementById("agency-search");
  const chips = picker.querySelector("[data-chips]");
  const options = function () { return Array.from(picker.querySelectorAll("[data-option]")); };
  const chosen = function () {
    return Array.from(chips.querySelectorAll("input")).map(function (input) { return input.value; });
  };
  let present = -1;
  const mark = function (index) {
    const all = options();
    present = all.length ? (index + all.length) % all.length : -1;
    all.forEach(function (option, at) {
      option.classList.toggle("option-present", at === present);
      if (at === present) { search.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
    });
    if (present < 0) search.removeAttribute("aria-activedescendant");
  };
  const open = function (shown) {
    const list = document.getElementById("agency-options");
    list.hidden = !shown;
    search.setAttribute("aria-expanded", String(shown));
    if (!shown) { mark(-1); return; }
    const foot = form.querySelector(".draft-foot").getBoundingClientRect().top;
    if (list.getBoundingClientRect().bottom > foot) picker.scrollIntoView({ block: "start" });
  };
  const showChosen = function () {
    const keys = chosen();
    options().forEach(function (option) {
      option.setAttribute("aria-selected", String(keys.includes(option.dataset.option)));
    });
    chips.hidden = !keys.length;
  };
  const toggle = function (option) {
    const old = chips.querySelector('input[value="' + option.dataset.option + '"]');
    if (old) old.closest("[data-chip]").remove();
    else {
      const chip = document.getElementById("agency-chip").content.firstElementChild.cloneNode(true);
      chip.querySelector(".chip-text").textContent = option.dataset.name;
      chip.querySelector("input").value = option.dataset.option;
      chip.querySelector("button").setAttribute("aria-label", picker.dataset.remove + " " + option.dataset.name);
      chips.appendChild(chip);
    }
    showChosen();
    saveSoon(400);
  };
  search.addEventListener("keydown", function (event) {
    const list = options();
    if (event.key === "ArrowDown") { open(true); mark(present + 1); event.preventDefault(); }
    else if (event.key === "ArrowUp") { open(true); mark(present < 0 ? list.length - 1 : present - 1); event.preventDefault(); }
    else if (event.key === "Enter") {
      event.preventDefault();
      const option = list[present] || (list.length === 1 ? list[0] : null);
      if (option) { toggle(option); search.select(); }
    }
    else if (event.key === "Escape") { open(false); event.stopPropagation(); }
    else if (event.key === "Backspace" && !search.value && chips.lastElementChild) {
      chips.lastElementChild.remove(); showChosen(); saveSoon(400);
    }
  });
  picker.addEventListener("mousedown", function (event) {
    const option = event.target.closest("[data-option]");
    if (option) { event.preventDefault(); toggle(option); }
  });
  picker.addEventListener("click", function (event) {
    const remove = event.target.closest("[data-chip-remove]");
    if (!remove) return;
    remove.closest("[data-chip]").remove();
    showChosen();
    saveSoon(400);
    search.focus();
  });
  picker.addEventListener("focusout", function (event) {
    if (!picker.contains(event.relatedTarget)) open(false);
  });
  picker.addEventListener("htmx:afterSettle", function () {
    showChosen();
    if (document.activeElement === search) { open(true); mark(search.value.trim() ? 0 : -1); }
  });
  showChosen();
})();
