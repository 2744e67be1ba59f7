"""A real browser whose every way out of this machine is dead."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.apps.web.scene import PASSWORD

FLUID = "How much pleural fluid is needed to blunt the costophrenic angle on an upright radiograph?"
FLUID_ZH = "立位胸片上肋膈角变钝需要多少胸腔积液？"
CHROMIUM = shutil.which("chromium")
ROOT = Path(__file__).parents[3]
STATIC = ROOT / "src/radcite/apps/web/static"
_FLAGS = (
    *(
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
    ),
    *("--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
)
_LOOPBACK = {"127.0.0.1", "localhost"}
# The viewer asks the driver for what software rendering does slowly; that is no fault of the page.
_HARMLESS = ("GPU stall", "GL Driver Message")


@dataclass
class Window:
    """A page, and what went wrong in it or tried to leave the machine."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list[str])
    strays: list[str] = field(default_factory=list[str])

    def open(self, path: str = "/") -> None:
        self.page.goto(self.base + path)

    def dress(self, theme: str, language: str) -> None:
        """Set theme and language for what is opened next."""
        self.page.add_init_script(
            f"localStorage.setItem('radcite.theme', '{theme}');"
            f"localStorage.setItem('radcite.lang', '{language}');"
        )

    def overflowing(self) -> list[str]:
        """Panes whose content is wider than they are, and so lies under another or out of reach."""
        panes = ".top-bar, .sidebar, .middle, .conversation, .composer, .report-sheet, .evidence, .evidence-panel"
        script = """(panes) => [...document.querySelectorAll(panes)]
            .filter((one) => one.offsetParent && one.scrollWidth > one.clientWidth + 1)
            .map((one) => `${one.className}: ${one.scrollWidth} > ${one.clientWidth}`)"""
        return self.page.evaluate(script, panes)

    def ask(self, text: str) -> None:
        """Ask, and wait for the end of the answer."""
        before = self.page.locator(".turn-tools").count()
        self.page.fill("#question", text)
        self.page.keyboard.press("Enter")
        self.page.locator(".turn-tools").nth(before).wait_for(timeout=30_000)

    def drop(self, *files: Path) -> None:
        """Send files in, and wait until the first image of them is on screen."""
        self.page.set_input_files("input[type=file]", [str(file) for file in files])
        self.page.wait_for_selector(".viewer[data-center]", timeout=90_000)

    def violations(self) -> list[str]:
        """What axe finds against WCAG 2.2 A and AA."""
        axe = (ROOT / "web/node_modules/axe-core/axe.min.js").read_text("utf-8")
        self.page.evaluate(axe)
        found = self.page.evaluate(
            """async () => {
              const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
              const told = await axe.run(document, {runOnly: {type: "tag", values: tags}});
              return told.violations.map(v => `${v.id}: ${v.nodes.map(n => n.target.join(" ")).join("; ")}`);
            }"""
        )
        return list(found)


@contextmanager
def browser() -> Generator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS))
        yield made
        made.close()


@contextmanager
def window(shown_by: Browser, base: str, **options: object) -> Generator[Window]:
    """A page of its own, with its own cookies."""
    context = shown_by.new_context(
        viewport={"width": 1440, "height": 900}, locale="en-GB", reduced_motion="reduce", **options
    )  # pyright: ignore[reportArgumentType] - the test's own options
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=base)
    page = context.new_page()
    made = Window(page, base)

    def away(route: Route) -> None:
        # Never answered, as behind a firewall that drops.
        made.strays.append(urlsplit(route.request.url).hostname or "")

    context.route(_leaves, away)
    page.on("console", lambda told: _note(made, told.type, told.text))
    page.on("pageerror", lambda error: made.complaints.append(str(error)))
    yield made
    context.close()


def first_script_bytes() -> int:
    """Gzipped bytes of the script that the page loads before anything is asked of it."""
    import gzip
    import re

    html = (STATIC / "index.html").read_text("utf-8")
    names = re.findall(r'(?:src|href)="/(assets/[^"]+\.js)"', html)
    assert names
    return sum(len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in names)


def _leaves(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in _LOOPBACK


def _note(made: Window, kind: str, text: str) -> None:
    if kind in {"error", "warning"} and not any(known in text for known in _HARMLESS):
        made.complaints.append(text)


def sign_in(who: Window, name: str) -> None:
    if who.page.url == "about:blank":
        who.open()
    who.page.fill("#name", name)
    who.page.fill("#password", PASSWORD)
    who.page.keyboard.press("Enter")
    who.page.wait_for_selector("#question")
