// What every page does: menus, sheets, dialogs, toasts, keeping typed text, htmx manners. No library but htmx.
(function () {
  "use strict";
  const $ = function (selector, root) { return (root || document).querySelector(selector); };
  const all = function (selector, root) { return Array.from((root || document).querySelectorAll(selector)); };

  // --- menus -----------------------------------------------------------------------------------------------
  const closeMenus = function (except) {
    all("details[data-menu][open]").forEach(function (menu) { if (menu !== except) menu.open = false; });
  };
  document.addEventListener("click", function (event) { closeMenus(event.target.closest("details[data-menu]")); });

  // --- sheets (the side bar and the document panel on a phone) -----------------------------------------------
  const setSheet = function (id, open) {
    const sheet = document.getElementById(id);
    if (!sheet) return;
    sheet.classList.toggle("sheet-open", open);
    all('[data-sheet="' + id + '"]').forEach(function (b) { b.setAttribute("aria-expanded", String(open)); });
    const backdrop = $("[data-backdrop]");
    if (backdrop) backdrop.hidden = !$(".sheet-open");
    if (open) { const first = $("a, button, input", sheet); if (first) first.focus({ preventScroll: true }); }
  };
  const closeSheets = function () { all(".sheet-open").forEach(function (s) { setSheet(s.id, false); }); };
  document.addEventListener("click", function (event) {
    const opener = event.target.closest("[data-sheet]");
    if (opener) {
      const sheet = document.getElementById(opener.dataset.sheet);
      setSheet(opener.dataset.sheet, !sheet.classList.contains("sheet-open"));
    } else if (event.target.matches("[data-backdrop]") || event.target.closest("[data-sheet-close]")) {
      closeSheets();
    }
  });

  // --- dialogs ---------------------------------------------------------------------------------------------
  const openDialog = function (dialog) { if (dialog && !dialog.open) dialog.showModal(); };
  document.addEventListener("click", function (event) {
    const copier = event.target.closest("[data-copy]");
    if (copier) { navigator.clipboard?.writeText(document.getElementById(copier.dataset.copy).textContent).then(() => copier.classList.add("is-copied")); return; }
    const opener = event.target.closest("[data-dialog]");
    if (opener) { openDialog(document.getElementById("dialog-" + opener.dataset.dialog)); return; }
    if (event.target.closest("[data-dialog-close]")) { event.target.closest("dialog").close(); return; }
    if (event.target.tagName === "DIALOG") {
      const box = event.target.getBoundingClientRect();
      const outside = event.clientX < box.left || event.clientX > box.right ||
        event.clientY < box.top || event.clientY > box.bottom;
      if (outside && event.target.dataset.dirty !== "true") event.target.close();
    }
  });
  document.addEventListener("input", function (event) {
    const dialog = event.target.closest("dialog");
    if (dialog) dialog.dataset.dirty = "true";
  });

  // --- the phone's bar presses the panel's first button -------------------------------------------------------
  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-press]")) return;
    const button = $(".panel-next .btn-main");
    if (button) button.click();
  });

  // --- toasts ----------------------------------------------------------------------------------------------
  const settle = function (root) {
    all("[data-toast-fades]", root).forEach(function (toast) {
      if (toast.dataset.timed) return;
      toast.dataset.timed = "1";
      window.setTimeout(function () { toast.classList.add("toast-gone"); }, 7000);
      window.setTimeout(function () { toast.remove(); }, 7400);
    });
  };
  document.addEventListener("click", function (event) {
    const close = event.target.closest("[data-toast-close]");
    if (close) close.closest("[data-toast]").remove();
  });
  const toastOffline = function () {
    const template = document.getElementById("toast-offline");
    const toasts = document.getElementById("toasts");
    if (template && toasts && !$("[data-offline]", toasts)) {
      toasts.appendChild(template.content.cloneNode(true));
      toasts.lastElementChild.dataset.offline = "1";
    }
  };

  // --- text that was typed is never lost: forms with data-keep are kept in this tab until they succeed ---------
  const keyOf = function (form) { return "keep:" + form.getAttribute("action") + ":" + (form.id || ""); };
  const keepable = function (input) {
    return input.name && !["hidden", "password", "file", "submit", "button"].includes(input.type);
  };
  const keep = function (form) {
    const kept = {};
    Array.from(form.elements).filter(keepable).forEach(function (input, index) {
      kept[input.name + "#" + index] = ["checkbox", "radio"].includes(input.type) ? input.checked : input.value;
    });
    try { sessionStorage.setItem(keyOf(form), JSON.stringify(kept)); } catch { /* full or private */ }
  };
  const restore = function (form, refused) {
    let kept = null;
    let sent = false;
    try {
      kept = JSON.parse(sessionStorage.getItem(keyOf(form)) || "null");
      sent = sessionStorage.getItem(keyOf(form) + ":sent") === "1";
      sessionStorage.removeItem(keyOf(form) + ":sent");
      if (sent && !refused) { sessionStorage.removeItem(keyOf(form)); return; }
    } catch { return; }
    if (!kept) return;
    Array.from(form.elements).filter(keepable).forEach(function (input, index) {
      const value = kept[input.name + "#" + index];
      if (value === undefined) return;
      if (["checkbox", "radio"].includes(input.type)) input.checked = value; else if (value) input.value = value;
    });
    const dialog = form.closest("dialog");
    if (!dialog) return;
    dialog.dataset.dirty = "true";
    if (sent && refused) { openDialog(dialog); sayInside(form); }
  };
  // A modal dialog covers the toasts, so what was refused is said where the eyes are.
  const sayInside = function (form) {
    const toasts = all("#toasts .toast-danger");
    const head = $(".dialog-head", form);
    if (!head) return;
    toasts.forEach(function (toast) {
      const said = document.createElement("div");
      said.className = "notice notice-bad";
      said.setAttribute("role", "alert");
      said.append(...Array.from(toast.querySelectorAll(":scope > .icon, :scope > .toast-text")));
      head.after(said);
      toast.remove();
    });
  };
  document.addEventListener("input", function (event) {
    const form = event.target.form;
    if (form && form.hasAttribute("data-keep")) keep(form);
  });
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (form.hasAttribute("data-keep")) {
      keep(form);
      try { sessionStorage.setItem(keyOf(form) + ":sent", "1"); } catch { /* private */ }
    }
    if (form.method === "post" && !event.defaultPrevented) {
      if (form.dataset.sending) { event.preventDefault(); return; }
      form.dataset.sending = "1";
      document.body.classList.add("is-sending");
      const button = event.submitter;
      if (button) button.classList.add("is-busy");
    }
  });
  window.addEventListener("pageshow", function () {
    document.body.classList.remove("is-sending");
    all("form[data-sending]").forEach(function (form) { delete form.dataset.sending; });
    all(".is-busy").forEach(function (button) { button.classList.remove("is-busy"); });
  });

  // --- keys ------------------------------------------------------------------------------------------------
  const typing = function (element) {
    return element && (element.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName));
  };
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") { closeMenus(); closeSheets(); }
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
    const target = $('[data-key="' + CSS.escape(event.key) + '"]');
    if (!target) return;
    event.preventDefault();
    if (typing(target)) target.focus(); else target.click();
  });

  // --- rows whose main link answers for the whole row -----------------------------------------------------------
  document.addEventListener("click", function (event) {
    const row = event.target.closest("[data-row]");
    if (!row || event.target.closest("a, button, input, label, summary") || String(window.getSelection())) return;
    const link = $("a[data-row-link]", row);
    if (link) link.click();
  });

  // --- htmx manners ------------------------------------------------------------------------------------------
  document.addEventListener("htmx:beforeRequest", function (event) {
    if (document.hidden && event.detail.elt.hasAttribute("data-poll")) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", function (event) {
    const status = event.detail.xhr.status;
    if (status < 400) return;
    if (event.detail.elt.hasAttribute("data-poll")) return;
    if (status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; return; }
    event.detail.shouldSwap = true;
    event.detail.target = document.getElementById("toasts");
    event.detail.swapOverride = "beforeend";
  });
  document.addEventListener("htmx:sendError", function (event) {
    if (!event.detail.elt.hasAttribute("data-poll")) toastOffline();
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    settle(document);
    if (event.detail.elt.id === "remote-dialog-body") openDialog(document.getElementById("remote-dialog"));
  });
  document.addEventListener("change", function (event) {
    const form = event.target.closest("form[data-submit-on-change]");
    if (form) form.requestSubmit();
  });
  document.addEventListener("click", function (event) { if (event.target.closest("[data-print]")) window.print(); });

  const ready = function () {
    settle(document);
    const refused = Boolean($(".toasts .toast-danger, .field-wrong, .refused-page"));
    all("form[data-keep]").forEach(function (form) { restore(form, refused); });
    const wrong = $(".field-wrong input, .field-wrong select, .field-wrong textarea");
    if (wrong) wrong.focus();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready); else ready();
})();
