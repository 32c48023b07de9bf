// Sets light or dark before the first paint. The choice stays in this browser.
(function () {
  "use strict";
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = function () {
    try { return localStorage.getItem("vanthu-theme") || "auto"; } catch { return "auto"; }
  };
  const show = function () {
    const choice = chosen();
    root.dataset.bsTheme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
    document.querySelectorAll("[data-theme-choice]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    });
  };
  show();
  dark.addEventListener("change", show);
  document.addEventListener("DOMContentLoaded", show);
  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    try { localStorage.setItem("vanthu-theme", button.dataset.themeChoice); } catch { /* private window */ }
    show();
  });
})();
