/*
 * Meeting mode on a shared screen. Without this file the buttons of the page do the same.
 *
 * A changed tick in the attendance list is sent at once, because what is on the screen depends on it. After the screen was closed
 * from elsewhere, "reload" sends what was typed along and gets it back, instead of losing it.
 */
(() => {
  "use strict";

  const form = document.querySelector("[data-meeting]");
  if (!form) return;
  const room = form.querySelector("[data-room]");

  form.querySelectorAll('input[name="present"]').forEach((tick) => tick.addEventListener("change", () => form.requestSubmit(room)));

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-reload]")) return;
    event.stopImmediatePropagation();
    form.requestSubmit(room);
  }, true);

  /* A chosen status keeps the focus; the two keys work from there too. */
  form.addEventListener("keydown", (event) => {
    if (!event.target.matches('input[type="radio"], input[type="checkbox"]')) return;
    if (event.ctrlKey || event.metaKey || event.altKey || document.body.classList.contains("no-shortcuts")) return;
    form.querySelector(`button[data-key="${CSS.escape(event.key.toLowerCase())}"]`)?.click();
  });
})();
