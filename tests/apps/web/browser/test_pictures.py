"""The pictures of the README and the guides, taken by the suite so that they show what there is.

`RADCITE_SCREENSHOTS=yes make test-browser PYTEST_ARGS="-k picture"` writes them into `docs/images`.
"""

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from tests.apps.web.chromium import ROOT, Window, window

_KEPT = ROOT / "docs/images"
_MOST_BYTES = 200_000
_SIZE = {"width": 1360, "height": 820}


def answer(view: Window, home: Path) -> None:
    assert home
    english = view.page.locator("html").get_attribute("lang") == "en"
    view.ask(
        "How much pleural fluid is needed to blunt the costophrenic angle on an upright radiograph?"
        if english
        else "立位胸片上肋膈角变钝需要多少胸腔积液？"
    )
    view.page.wait_for_selector(".quote-box")


def cases(view: Window, home: Path) -> None:
    view.drop(home / "demo/questions/brain-a.dcm")
    english = view.page.locator("html").get_attribute("lang") == "en"
    view.ask("What is the most likely diagnosis?" if english else "这张脑部 MRI 考虑什么诊断？")
    view.page.locator(".case-tools .text-button").click()
    view.page.wait_for_selector(".gallery")


def compare(view: Window, home: Path) -> None:
    view.drop(home / "demo/questions/chest-a.dcm")
    english = view.page.locator("html").get_attribute("lang") == "en"
    view.ask("What is the most likely diagnosis?" if english else "这张胸片考虑什么诊断？")
    view.page.locator("#tab-image").click()
    view.page.locator(".compare-thumb", has_text="E1").first.click()
    view.page.wait_for_selector('.viewer[data-viewer="side"][data-center]')


def report(view: Window, home: Path) -> None:
    view.drop(home / "demo/questions/chest-a.dcm")
    english = view.page.locator("html").get_attribute("lang") == "en"
    view.ask("Describe this chest radiograph." if english else "请描述这张胸片。")
    view.page.locator(".open-report").click()
    view.page.locator(".decision-button.accepted").first.click()
    view.page.locator(".finding.accepted").first.wait_for()
    view.page.locator(".report .chip").nth(1).click()


@pytest.mark.parametrize("scene", [answer, cases, compare, report])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_picture_of_a_screen_is_small_and_shows_something(
    chromium: Browser,
    site_address: str,
    filled: Path,
    tmp_path: Path,
    scene: Callable[[Window, Path], None],
    language: str,
) -> None:
    with window(chromium, site_address) as view:
        view.page.set_viewport_size(_SIZE)  # pyright: ignore[reportArgumentType] - a literal
        light = scene in {cases, report}
        view.dress("light" if light else "dark", language)
        view.page.add_init_script("localStorage.setItem('radcite.collapsed', 'yes');")
        view.open()
        view.page.wait_for_selector("#question")
        scene(view, filled)
        view.page.wait_for_timeout(700)
        shot = view.page.screenshot()
    with Image.open(io.BytesIO(shot)) as shown:
        reduced = shown.convert("RGB").quantize(160, dither=Image.Dither.NONE)
    assert len(reduced.getcolors() or ()) > 60
    kept = os.environ.get("RADCITE_SCREENSHOTS") == "yes"
    folder = _KEPT if kept else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"chat-{scene.__name__}.{language}.png"
    reduced.save(target, optimize=True)
    assert target.stat().st_size < _MOST_BYTES
