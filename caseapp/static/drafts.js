/*
 * Keeps what is typed in a form that takes part in drafts (it holds a field named "draft"), some seconds after the last key, and when
 * the page is left. Without this file there is the button that keeps a draft. Nothing is kept in the browser.
 */
(() => {
  "use strict";

  const REST = 4000, LONGEST = 30000;  // milliseconds after the last key; at most so long while somebody types without a rest
  let thrownAway = false;
  document.addEventListener("submit", (event) => { if (new URL(event.target.action).pathname.endsWith("/throw-away")) thrownAway = true; });

  document.querySelectorAll('form[method="post"]').forEach((form) => {
    const word = form.querySelector('input[type="hidden"][name="draft"]');
    if (!word?.dataset.to) return;
    const status = form.querySelector("[data-draft-status]");
    const typed = () => JSON.stringify(Array.from(new FormData(form)).filter(([name, value]) => typeof value === "string" && name !== "csrf_token"));
    let kept = typed(), rest, latest, leaving = false, sending = false, refused = false;

    const say = (text) => { if (status) status.textContent = text; };

    const send = async (onTheWayOut) => {
      clearTimeout(rest);
      clearTimeout(latest);
      latest = undefined;
      const now = typed();
      if (leaving || thrownAway || refused || now === kept || (sending && !onTheWayOut)) return;
      const body = new URLSearchParams(new FormData(form));
      body.set("by", "script");
      if (onTheWayOut) {
        // a beacon outlives the page; what is too long for one (64 kB) was kept seconds ago
        if (navigator.sendBeacon(word.dataset.to, body)) kept = now;
        return;
      }
      sending = true;
      let failed = true;
      try {
        const answer = await fetch(word.dataset.to, { method: "POST", body, credentials: "same-origin", redirect: "manual", cache: "no-store" });
        if (answer.ok) {
          failed = false;
          kept = now;
          form.dataset.draftKept = String(typed() === kept);
          if (answer.status === 200) say((status?.dataset.kept || "").replace("{when}", await answer.text()));
        } else {
          refused = answer.status !== 503 && answer.status !== 401 && answer.type !== "opaqueredirect";
        }
      } catch { /* no network just now: it is tried again below */ }
      sending = false;
      if (failed) say(status?.dataset.failed || "");
      if (failed && !refused) latest ??= setTimeout(() => send(), LONGEST);
      else if (typed() !== kept) begin();  // somebody typed meanwhile
    };

    const begin = () => {
      delete form.dataset.draftKept;
      clearTimeout(rest);
      rest = setTimeout(() => send(), REST);
      latest ??= setTimeout(() => send(), LONGEST);
    };

    form.addEventListener("input", begin);
    form.addEventListener("change", begin);
    form.addEventListener("submit", (event) => { if (!event.defaultPrevented) leaving = true; });
    window.addEventListener("pageshow", () => { leaving = false; });
    window.addEventListener("pagehide", () => send(true));
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") send(); });
  });
})();
