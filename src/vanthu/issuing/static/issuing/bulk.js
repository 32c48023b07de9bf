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
})();
