"""On a small laptop and on a tablet nothing lies under anything else."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.apps.web.chromium import window


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_pane_is_as_wide_as_what_it_holds(
    chromium: Browser, site_address: str, image: Path, language: str
) -> None:
    with window(chromium, site_address) as view:
        view.dress("dark", language)
        view.page.set_viewport_size({"width": 1280, "height": 800})
        view.open()
        view.page.wait_for_selector("#question")
        view.drop(image)
        view.ask("What is the most likely diagnosis?")
        view.page.locator(".open-report").click()
        found: dict[str, list[str]] = {}
        for width, height in ((1280, 800), (1180, 820), (1024, 768), (820, 1180)):
            view.page.set_viewport_size({"width": width, "height": height})
            for name in ("report", "queue", "teaching", "conversation"):
                view.page.locator(f"#middle-{name}").click(timeout=5_000)
                view.page.wait_for_timeout(200)
                found[f"{name} {width}"] = view.overflowing()
            for name in ("image", "literature", "trace", "cases"):
                view.page.locator(f"#tab-{name}").click(timeout=5_000)
                view.page.wait_for_timeout(200)
                found[f"{name} {width}"] = view.overflowing()
    assert {name: told for name, told in found.items() if told} == {}
