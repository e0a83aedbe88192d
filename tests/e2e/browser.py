"""A person at the console: Debian's chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    StorageState,
    ViewportSize,
    sync_playwright,
)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# What chromium says to its makers when nobody asks, it need not say here.
_ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
# Long enough for a machine that is busy with the other tests.
PATIENCE_MS = 60_000
# Not the server's; five hours behind UTC, or six.
ZONE = "America/Chicago"
Session = StorageState | None
_WINDOW: ViewportSize = {"width": 1440, "height": 900}
_PHONE: ViewportSize = {"width": 390, "height": 844}
# Until colours have faded into others.
_BLINK_MS = 200
_CUT_OFF = """() => {
  const page = document.documentElement;
  const cells = document.querySelectorAll("#result_list .data-row > *, .board > div");
  const cut = [...cells].filter((cell) =>
    getComputedStyle(cell).overflowX !== "auto"
    && (cell.scrollWidth > cell.clientWidth + 2
      || cell.scrollHeight > cell.clientHeight + 2));
  const wide = page.scrollWidth > page.clientWidth ? ["the page itself"] : [];
  return [...wide, ...cut.map((cell) => cell.innerText.slice(0, 80))];
}"""
# Of what axe-core finds; the others are `minor` and `moderate`.
_SERIOUS = {"serious", "critical"}


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window, for the time of the block."""
    # Its sandbox refuses to work for root, whom containers run as.
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*_ARGUMENTS, *root]
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Console:
    """The browser, and who has signed in with it: once for each set of roles."""

    browser: Browser
    sessions: dict[tuple[str, ...], Session] = field(default_factory=dict)

    def visitor(self, base: str, roles: tuple[str, ...]) -> "Visitor":
        return Visitor(self.browser, base, self.sessions.get(roles))


class Visitor:
    """A window of their own, and what it asked for and complained of."""

    def __init__(self, browser: Browser, base: str, session: Session) -> None:
        self.base = base
        self.context: BrowserContext = browser.new_context(
            base_url=base,
            viewport=_WINDOW,
            storage_state=session,
            timezone_id=ZONE,
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.set_default_navigation_timeout(PATIENCE_MS)
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.context.on("request", lambda request: self.asked.append(request.url))
        self.context.on("console", self._hear)
        self.context.on("weberror", lambda e: self.complaints.append(str(e.error)))

    def _hear(self, message) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location['url']})")

    def asked_elsewhere(self) -> list[str]:
        """Requests that left the server; what stands in a page itself is none."""
        own = (f"{self.base}/", "data:", "blob:")
        return [url for url in self.asked if not url.startswith(own)]

    def go(self, path: str) -> Page:
        answer = self.page.goto(path, wait_until="networkidle")
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        return self.page

    def sign_in(self, username: str, password: str, code: str) -> None:
        """Through the door, as people do it."""
        self.give_password(username, password)
        self.give_code(code)

    def give_password(self, username: str, password: str) -> None:
        self.go("/admin/")
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.get_by_label("Code").wait_for()

    def give_code(self, code: str) -> None:
        self.page.get_by_label("Code").fill(code)
        self.page.locator("form button[type=submit]").first.click()
        self.page.wait_for_url("**/admin/")

    def search(self, words: str) -> Page:
        """Look for it in the list that is open."""
        self.page.locator("#searchbar").fill(words)
        self.page.locator("#searchbar").press("Enter")
        self.page.wait_for_load_state("networkidle")
        return self.page

    def press(self, act: str, **fields: str) -> None:
        """Open an act's dialog, fill it in by its labels, and confirm it."""
        self.page.get_by_role("link", name=act, exact=True).click()
        dialog = self.page.locator("#dialog")
        for name, value in fields.items():
            at = dialog.locator(f"[name={name}]")
            is_choice = at.evaluate("one => one.tagName") == "SELECT"
            at.select_option(value) if is_choice else at.fill(value)
        with self.page.expect_navigation():
            dialog.locator("button[type=submit]").click()
        self.page.wait_for_load_state("networkidle")

    def see_it(self, scheme: str) -> None:
        """Turn the page light or dark, as people do: with Ctrl+E."""
        while not self.page.locator(f"html.{scheme}").count():
            self.page.keyboard.press("Control+e")
            self.page.wait_for_timeout(_BLINK_MS)

    def take_a_phone(self) -> None:
        """In place of the desk, from here on."""
        self.page.set_viewport_size(_PHONE)

    def cut_off(self) -> list[str]:
        """What is wider than the page, or higher than the row of a list that it is in.

        What can be scrolled by itself is not.
        """
        return self.page.evaluate(_CUT_OFF)

    def barriers(self, *rules: str) -> list[str]:
        """What would keep somebody from using the page, as axe-core sees it.

        By all of its rules, or those that are named.
        """
        options = {"runOnly": list(rules)} if rules else {}
        found = Axe().run(self.page, options=options).response["violations"]
        return [
            f"{rule['id']}: {node['target']} {node['html'][:200]}"
            for rule in found
            if rule["impact"] in _SERIOUS
            for node in rule["nodes"][:3]
        ]

    def picture(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=folder / f"{name}.png")
