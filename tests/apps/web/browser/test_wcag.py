"""axe finds nothing against WCAG 2.2 A and AA on any screen, in both themes and languages."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route

from tests.apps.web.chromium import FLUID, FLUID_ZH, window


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_screen_breaks_a_rule_of_wcag(
    chromium: Browser, site_address: str, image: Path, tmp_path: Path, theme: str, language: str
) -> None:
    note = tmp_path / "note.md"
    note.write_text("# A note", "utf-8")
    with window(chromium, site_address) as made:
        made.dress(theme, language)
        made.open()
        made.page.wait_for_selector("#question")
        found = {"welcome": made.violations()}
        made.ask(FLUID if language == "en" else FLUID_ZH)
        made.page.wait_for_selector(".quote-box")
        found["literature"] = made.violations()
        made.page.locator(".new-thread").click()
        made.drop(image)
        made.ask("What is the most likely diagnosis?")
        made.page.wait_for_selector(".case-view")
        found["case"] = made.violations()
        made.page.locator(".open-report").click()
        made.page.locator(".report-sheet .heading textarea").first.wait_for()
        made.page.locator(".decision-button.accepted").first.click()
        made.page.locator(".finding.accepted").first.wait_for()
        made.page.locator(".decision-button.rejected").last.click()
        found["report"] = made.violations()
        made.page.locator("#middle-queue").click()
        made.page.locator(".queue-row").first.wait_for()
        found["queue"] = made.violations()
        for name in ("cases", "image", "trace"):
            made.page.locator(f"#tab-{name}").click()
            made.page.wait_for_timeout(300)
            found[name] = made.violations()
        made.page.locator("#middle-teaching").click()
        made.page.locator(".choice").first.click()
        made.page.wait_for_selector(".solution")
        found["teaching"] = made.violations()
        made.page.keyboard.press("?")
        found["help"] = made.violations()
        made.page.keyboard.press("Escape")
        made.page.locator("#middle-conversation").click()
        made.page.set_input_files("input[type=file]", str(note))
        made.page.get_by_role("alertdialog").wait_for()
        found["library"] = made.violations()
    assert {name: told for name, told in found.items() if told} == {}


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_dialog_of_the_archive_breaks_no_rule_of_wcag(
    chromium: Browser, site_address: str, theme: str, language: str
) -> None:
    study = {"uid": "1.2.3", "patient_id": "P1", "patient_name": "DOE^JANE", "date": "20260131"}
    study |= {"description": "Chest", "modalities": ["CR"], "instances": 2}

    def connected(route: Route) -> None:
        route.fulfill(json=route.fetch().json() | {"pacs": True})

    with window(chromium, site_address) as made:
        made.dress(theme, language)
        # The archive itself is tested with a real one in test_pacs.py.
        made.page.route("**/api/session", connected)
        made.page.route("**/api/pacs/studies?*", lambda route: route.fulfill(json=[study]))
        made.open()
        made.page.locator(".sidebar > .button").nth(1).click()
        made.page.locator(".archive-list .passage").wait_for()
        assert made.violations() == []
