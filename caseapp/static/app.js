/*
 * What makes the pages pleasant, never what makes them work: without this file everything can still be done.
 *
 * One small function per idea, run once at the end. No inline code, no eval, no outside address (strict content policy).
 */
(() => {
  "use strict";

  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const isTyping = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;

  const say = (name) => {
    if (document.querySelector(`[data-said="${name}"]`)) return null;
    const note = document.getElementById(`says-${name}`).content.firstElementChild.cloneNode(true);
    note.dataset.said = name;
    document.body.append(note);
    all("[data-reload]", note).forEach((button) => button.addEventListener("click", () => location.reload()));
    return note;
  };

  const unsay = (name) => all(`[data-said="${name}"]`).forEach((note) => note.remove());

  /* Buttons that only a script can serve are hidden until there is one. */
  function showScriptedButtons() {
    all(".needs-script").forEach((element) => { element.hidden = false; });
    all("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));
  }

  /* On a narrow screen the row of tabs is wider than the window: the one we are on is brought into view. */
  function keepCurrentTabInView() {
    const show = () => all(".tabs [aria-current]").forEach((tab) => {
      const row = tab.closest("ul"), [inside, frame] = [tab.getBoundingClientRect(), row.getBoundingClientRect()];
      if (inside.right > frame.right || inside.left < frame.left) row.scrollLeft += inside.left - frame.left - (frame.width - inside.width) / 2;
    });
    show();
    window.addEventListener("resize", show);
  }

  function focusErrorSummary() {
    document.querySelector("[data-error-summary]")?.focus();
  }

  /* Single keys (WCAG 2.1.4): can be switched off in the person's menu; never while typing. */
  function shortcuts() {
    const setting = "caseapp.shortcuts";
    const remember = (value) => { try { localStorage.setItem(setting, value); } catch { /* private window: this page only */ } };
    let on = true;
    try { on = localStorage.getItem(setting) !== "off"; } catch { /* as above */ }

    const toggle = document.querySelector("[data-shortcuts]");
    const show = () => {
      if (!toggle) return;
      const state = toggle.querySelector(".menu-state");
      toggle.setAttribute("aria-pressed", String(on));
      state.textContent = on ? state.dataset.on : state.dataset.off;
      document.body.classList.toggle("no-shortcuts", !on);
    };
    toggle?.addEventListener("click", () => { on = !on; remember(on ? "on" : "off"); show(); });
    show();

    document.addEventListener("keydown", (event) => {
      if (!on || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const target = event.key === "/"
        ? document.querySelector("[data-search]")
        : all("[data-key]").find((element) => element.dataset.key === event.key.toLowerCase());
      if (!target) return;
      event.preventDefault();
      if (target.matches("[data-search]")) { target.focus(); target.select(); } else { target.click(); }
    });
  }

  /* A menu closes by Escape, by a click beside it, and when focus leaves it. */
  function menus() {
    all("[data-menu]").forEach((menu) => {
      document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
      menu.addEventListener("focusout", (event) => {
        if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
      });
      menu.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        menu.open = false;
        menu.querySelector("summary").focus();
      });
    });
  }

  /* The second click of a double click sends nothing; the server has its own guard, and no button is ever disabled. */
  function sendOnce() {
    all("form[data-once]").forEach((form) => {
      form.addEventListener("submit", (event) => {
        const now = Date.now();
        if (now - Number(form.dataset.sentAt || 0) < 4000) { event.preventDefault(); return; }
        form.dataset.sentAt = now;
        form.setAttribute("aria-busy", "true");
      });
    });
    window.addEventListener("pageshow", () => all("form[data-once]").forEach((form) => {
      delete form.dataset.sentAt;
      form.removeAttribute("aria-busy");
    }));
  }

  /* What is done in several steps goes on by itself; without this a person presses the button each time. */
  function goOn() {
    const form = document.querySelector("form[data-continue]");
    if (form) setTimeout(() => form.requestSubmit(), 400);
  }

  /* Warn before typed text is lost by leaving the page. */
  function keepText() {
    all("form[data-keep]").forEach((form) => {
      const written = () => JSON.stringify(Array.from(new FormData(form)).filter(([, value]) => typeof value === "string"));
      const before = form.hasAttribute("data-dirty") ? "" : written();
      let sending = false;
      form.addEventListener("submit", (event) => { sending = !event.defaultPrevented || sending; });
      window.addEventListener("pageshow", () => { sending = false; });
      window.addEventListener("beforeunload", (event) => { if (!sending && written() !== before) event.preventDefault(); });
    });
  }

  function countCharacters() {
    const words = document.getElementById("says-count")?.content.firstElementChild.dataset;
    all("textarea[data-count]").forEach((area) => {
      const limit = Number(area.dataset.count);
      const shown = document.getElementById(`${area.id}-count`);
      const hint = shown.textContent;
      const show = () => {
        const left = limit - Array.from(area.value).length;
        const near = left < Math.max(100, limit / 10);
        shown.classList.toggle("count-over", left < 0);
        shown.textContent = !near ? hint : left === 1 ? words.one : (left < 0 ? words.over : words.many).replace("{n}", Math.abs(left));
      };
      area.addEventListener("input", show);
      show();
    });
  }

  /* Consent withdrawn elsewhere closes what is open here: hide first, ask afterwards. Typed text stays. */
  function hideSealed() {
    all("[data-sealed]").forEach((part) => {
      if (part.querySelector("input:not([type=hidden]), textarea, select")) part.classList.add("closed-but-forms");
      else part.replaceChildren();
      part.classList.add("closed");
    });
  }

  function watchAccess() {
    const { epoch, epochUrl } = document.body.dataset;
    if (!epochUrl) return;
    let closed = false, asking = false;
    const close = (name) => { closed = true; hideSealed(); unsay("soon-signed-out"); say(name); };
    const ask = async () => {
      if (closed || asking || document.visibilityState !== "visible") return;
      asking = true;
      try {
        const answer = await fetch(epochUrl, { cache: "no-store", credentials: "same-origin", redirect: "manual" });
        if (answer.status === 401 || answer.type === "opaqueredirect") close("signed-out");
        else if (answer.status === 403 || answer.status === 404) close("access-changed");
        else if (answer.ok && (await answer.text()).trim() !== epoch) close("access-changed");
      } catch { /* no network just now: the next second asks again */ } finally { asking = false; }
    };
    setInterval(ask, 1000);
    document.addEventListener("visibilitychange", ask);
    window.addEventListener("pageshow", ask);
  }

  /* How long an emergency opening still lasts; the server ends it, this only counts. */
  function countMinutes() {
    all("[data-ends-at]").forEach((shown) => {
      const ends = Date.parse(shown.dataset.endsAt), { one, many } = shown.dataset;
      const show = () => {
        const left = Math.floor((ends - Date.now()) / 60000);
        shown.textContent = left < 1 ? one : many.replace("{n}", left);
      };
      setInterval(show, 10000);
      show();
    });
  }

  /* Two minutes before the session ends, say so; staying is one click. */
  function warnBeforeSignOut() {
    const { idleMinutes, stillHere } = document.body.dataset;
    if (!idleMinutes) return;
    let timer;
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const note = say("soon-signed-out");
        note?.querySelector("[data-stay]").addEventListener("click", async () => {
          try {
            const answer = stillHere ? await fetch(stillHere, { cache: "no-store", credentials: "same-origin" }) : null;
            unsay("soon-signed-out");
            if (answer?.ok) wait(); else say("signed-out");
          } catch { /* keep the warning */ }
        });
      }, Math.max(1, Number(idleMinutes) - 2) * 60000);
    };
    wait();
  }

  [showScriptedButtons, keepCurrentTabInView, focusErrorSummary, shortcuts, menus, sendOnce, goOn, keepText, countCharacters, watchAccess, countMinutes, warnBeforeSignOut]
    .forEach((idea) => idea());
})();
