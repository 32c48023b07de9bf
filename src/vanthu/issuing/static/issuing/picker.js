// Choosing agencies by name or identifier: chips of the chosen, a list that follows what is typed. Needs htmx.
(function () {
  "use strict";
  const picker = document.querySelector("[data-picker]");
  if (!picker) return;
  const search = document.getElementById("agency-search");
  const chips = picker.querySelector("[data-chips]");
  const options = function () { return Array.from(picker.querySelectorAll("[data-option]")); };
  const chosen = function () {
    return Array.from(chips.querySelectorAll("input")).map(function (input) { return input.value; });
  };
  const changed = function () { picker.dispatchEvent(new Event("picker-changed", { bubbles: true })); };
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
    const foot = document.querySelector(".draft-foot");
    if (foot && list.getBoundingClientRect().bottom > foot.getBoundingClientRect().top) picker.scrollIntoView({ block: "start" });
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
    changed();
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
      chips.lastElementChild.remove(); showChosen(); changed();
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
    changed();
    search.focus();
  });
  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-picker-add]");
    if (!button) return;
    const box = button.closest("[data-left-out]");
    box.querySelectorAll("[data-option]").forEach(function (option) {
      if (!chosen().includes(option.dataset.option)) toggle(option);
    });
    box.remove();
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
