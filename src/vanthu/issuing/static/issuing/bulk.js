// The folder page: choose all, count what is chosen. Without scripts every box is there and chosen.
(function () {
  "use strict";
  const form = document.querySelector("[data-bulk]");
  if (!form) return;
  const all = form.querySelector("[data-bulk-all]");
  const boxes = Array.from(form.querySelectorAll("input[name=documents]"));
  const count = form.querySelector("[data-bulk-count]");
  const button = form.querySelector("[data-bulk-button]");
  const show = function () {
    const chosen = boxes.filter(function (box) { return box.checked; }).length;
    count.textContent = "(" + chosen + ")";
    button.disabled = chosen === 0;
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  };
  all.hidden = false;
  form.querySelector("[data-bulk-all-label]").hidden = false;
  all.addEventListener("change", function () {
    boxes.forEach(function (box) { box.checked = all.checked; });
    show();
  });
  boxes.forEach(function (box) { box.addEventListener("change", show); });
  show();

  // A key on this computer: the page goes to vanthu-agent, one confirmation for all chosen documents.
  const agent = form.querySelector("[data-bulk-agent]");
  if (!agent) return;
  const step = function (name) {
    agent.querySelectorAll(".is-now").forEach(function (now) { now.className = "is-done"; });
    const now = agent.querySelector('[data-step="' + name + '"]');
    if (now) now.className = "is-now";
  };
  const settle = function (id, result) {
    const row = form.querySelector('[data-bulk-row="' + id + '"]');
    const state = form.querySelector(result.to ? "[data-bulk-signed]" : "[data-bulk-refused]").content.cloneNode(true);
    if (!result.to) state.querySelector("[data-bulk-why]").textContent = result.message;
    row.append(state);
    const box = row.querySelector("input");
    box.checked = false;
    box.disabled = Boolean(result.to);
  };
  form.addEventListener("submit", async function (event) {
    event.preventDefault();
    if (button.classList.contains("is-busy")) return;
    button.classList.add("is-busy");
    const trouble = agent.querySelector("[data-agent-trouble]");
    trouble.hidden = true;
    const documents = boxes.filter(function (box) { return box.checked; }).map(function (box) { return box.value; });
    try {
      const results = await window.vanthuAgent.sign({
        address: agent.dataset.bulkAgent, verb: "sign", documents: documents, step: step, result: settle,
      });
      Object.entries(results).forEach(function ([id, result]) {
        if (!form.querySelector('[data-bulk-row="' + id + '"] .state')) settle(id, result);
      });
    } catch (refusal) {
      trouble.querySelector("[data-agent-said]").textContent = refusal.message;
      trouble.querySelector("[data-agent-code]").textContent = refusal.code;
      trouble.hidden = false;
    }
    button.classList.remove("is-busy");
    show();
  });
})();
