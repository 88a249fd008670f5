"""A person at a real browser: goes, clicks, types; every page that appears is looked at before the journey goes on.

Promised for each page of a journey, at 1280 and at 360 pixels: no violation of WCAG 2.1 A and AA that axe can find, nothing
wider than the window at 360 (criterion 1.4.10), no violation of the content security policy, no request off the origin, no error in
the console. A page that was shown and not looked at fails the journey. Screenshots go to CASEAPP_ARTIFACTS if that is set.
"""

import json
import os
import re
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

from tests.municipality import Codes, Person

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
_RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}, "resultTypes": ["violations"]}
#: What axe says of the page, no longer than needed: the answer's other parts are large and take longer to carry than to find.
_ASK_AXE = f"""axe.run({json.dumps(_RULES)}).then(found => found.violations.map(
  v => `${{v.id}} (${{v.help}}): ${{v.nodes.slice(0, 5).map(node => node.target.join(" ")).join(", ")}}`))"""
_REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", e =>
  window.reportViolation(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile || ""}:${e.lineNumber}`));
"""
#: What the browser says in the console about an answer that a journey provokes on purpose (a 404, a 409 …).
_STATUS_TALK = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


class Visitor:
    """One browser context and its page on one server. `page` is Playwright's own, for what has no verb here."""

    def __init__(self, context: BrowserContext, origin: str, journey: str, *, scripts: bool = True) -> None:
        self.origin = origin
        self.scripts = scripts
        self.page: Page = context.new_page()
        self.wrong: list[str] = []
        self._journey = re.sub(r"\W+", "-", journey).strip("-")
        self._shown: list[str] = []
        self._looked = 0
        context.expose_function("reportViolation", lambda text: self.wrong.append(f"content security policy: {text}"))
        context.add_init_script(_REPORT_VIOLATIONS)
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.wrong.append(f"script error: {error.error}"))
        self.page.on("framenavigated", lambda frame: self._shown.append(frame.url) if frame == self.page.main_frame else None)

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.origin + "/", "data:")):
            self.wrong.append(f"request off the origin: {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _STATUS_TALK.match(message.text):
            self.wrong.append(f"console: {message.text}")

    def go(self, path: str, name: str = "") -> None:
        """Open this path and look at the page. `name` is the screenshot's."""
        self.page.goto(self.origin + path)
        self.look(name)

    def press(self, words: str, name: str = "") -> None:
        """Press the button, or follow the link, with these words; look at the page that comes."""
        area = self.page.locator("main")
        button = area.get_by_role("button", name=words, exact=True)
        (button if button.count() else area.get_by_role("link", name=words, exact=True)).first.click()
        self.look(name)

    def send(self, name: str = "") -> None:
        """Send the page's only form, or its first; look at the page that comes."""
        self.page.locator("main form[method=post] button[type=submit]").first.click()
        self.look(name)

    def sign_in(self, person: Person, codes: Codes) -> None:
        """Sign in as a person does: login and password, then the code. The two pages are looked at by a journey of their own."""
        self.page.goto(self.origin + "/sign-in")
        self.fill(login=person.login, password=person.password)
        self.page.locator("main form[method=post] button[type=submit]").first.click()
        self.fill(code=codes.next(person))
        self.page.locator("main form[method=post] button[type=submit]").first.click()
        self.look("signed in")

    @property
    def pages_shown(self) -> int:
        """How many pages have been loaded so far."""
        return len(self._shown)

    def fill(self, **labelled: str) -> None:
        """Type into the fields with these names; a code list's field is chosen by its code."""
        for field, text in labelled.items():
            located = self.page.locator(f"main [name='{field}']").first
            kind = located.evaluate("e => e.tagName + ' ' + e.type")
            if kind.startswith("SELECT"):
                located.select_option(text)
            elif kind in ("INPUT radio", "INPUT checkbox"):
                self.page.locator(f"main [name='{field}'][value='{text}']").check()
            else:
                located.fill(text)

    def look(self, name: str = "") -> None:
        """Look at the page that is shown: axe and layout at both widths, screenshots if wanted.

        Where scripts are switched off axe cannot run: only the layout is looked at; the same pages are seen with scripts elsewhere.
        """
        self.page.wait_for_load_state("load")
        self._looked = len(self._shown)
        label = re.sub(r"\W+", "-", name or self.page.title()).strip("-").lower()
        if self.scripts and not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        for size in (NARROW, WIDE):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            self._layout(size["width"])
            if self.scripts:
                self._axe(size["width"])
            self._screenshot(f"{self._looked:02}-{label}-{size['width']}.png")

    def _layout(self, width: int) -> None:
        actual = self.page.evaluate("document.scrollingElement.scrollWidth")
        if actual > width:
            self.wrong.append(f"{self.page.title()!r} is {actual} px wide in a window of {width} px")

    def _axe(self, width: int) -> None:
        self.wrong += [f"axe at {width} px on {self.page.title()!r}: {violation}" for violation in self.page.evaluate(_ASK_AXE)]

    def _screenshot(self, file: str) -> None:
        directory = os.environ.get("CASEAPP_ARTIFACTS")
        if directory:
            place = Path(directory) / self._journey
            place.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=place / file, full_page=True)

    def verdict(self) -> list[str]:
        """Everything that was wrong on the way. Call it at the end of the journey."""
        unseen: list[Any] = self._shown[self._looked :]
        return self.wrong + [f"shown and never looked at: {address}" for address in unseen]
