/*
 * Work that goes on in the background: the page says how far it has come, and turns over when it ends. Without this file the link on
 * the page shows the same.
 */
(() => {
  "use strict";

  const work = document.querySelector("[data-progress-url]");
  if (!work) return;
  const said = work.querySelector("[data-progress-said]");
  const bar = work.querySelector("progress");

  const ask = async () => {
    try {
      const answer = await fetch(work.dataset.progressUrl, { cache: "no-store", credentials: "same-origin", redirect: "manual" });
      if (!answer.ok) { location.reload(); return; }
      const step = await answer.json();
      if (!step.goes_on) { location.reload(); return; }
      if (said.textContent !== step.said) said.textContent = step.said;
      bar.max = step.whole;
      bar.value = step.done;
    } catch { /* no network just now: asked again */ }
    setTimeout(ask, 2000);
  };
  setTimeout(ask, 1000);
})();
