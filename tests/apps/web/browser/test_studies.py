"""Studies of several series and images: what is sent in, what is framed on which, and what is asked again."""

import shutil
from pathlib import Path

from playwright.sync_api import Route

from tests.apps.web.chromium import FLUID, Window

_BOX = [100, 100, 200, 180]
_SEEN = {"tool": "image_labels", "version": "1", "value": "opacity", "score": 0.9}


def test_a_cited_region_is_framed_on_its_own_image_and_its_chip_goes_there(
    view: Window, image: Path
) -> None:
    view.drop(image, image.with_name("brain-a.dcm"))
    view.ask("Describe the images.")
    thread = view.page.evaluate("location.hash").rpartition("/")[2]

    def told(route: Route) -> None:
        turns = route.fetch().json()
        first, *others = turns[0]["outcome"]["claims"]
        where = {"type": "image_location", "image": turns[0]["asking"]["images"][1], "frame": 0}
        place = {**where, "box": _BOX, "observation": _SEEN}
        cited = [{"evidence": "E1", "quote": None, "place": place}]
        changed = {**first, "about": "query_image", "citations": cited}
        turns[0]["outcome"]["claims"] = [changed, *others]
        route.fulfill(json=turns)

    view.page.route(f"**/api/threads/{thread}", told)
    view.page.reload()
    framed, series = view.page.locator(".region-box"), view.page.locator(".series-strip button")
    framed.wait_for()
    assert [one.get_attribute("aria-pressed") for one in series.all()] == ["false", "true"]
    series.first.click()
    framed.wait_for(state="detached")
    view.page.locator(".claim .chip").nth(1).click()
    view.page.locator(".claim .chip").first.click()
    framed.wait_for()
    assert series.nth(1).get_attribute("aria-pressed") == "true"


def test_a_folder_is_picked_and_what_is_not_taken_says_why_in_the_reader_s_language(
    view: Window, image: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    shutil.copy(image, folder / "IM0001")
    (folder / "cut").write_bytes(image.read_bytes()[:3000])
    view.page.get_by_role("button", name="中文").click()
    view.page.set_input_files('input[aria-label="添加文件夹"]', str(folder))
    view.page.wait_for_selector(".viewer[data-center]", timeout=90_000)
    told = view.page.locator(".refused").inner_text()
    assert "cut 未接收: DICOM" in told
    assert "(DICOM_TRUNCATED)" in told


def test_a_question_is_asked_again_as_it_was_asked_and_comes_back_to_be_changed(
    view: Window, image: Path
) -> None:
    view.drop(image)
    view.page.locator(".task-choice select").select_option("diagnosis")
    view.ask("What is it?")
    view.page.get_by_role("button", name="Remove this study", exact=True).first.click()
    view.page.locator(".task-choice select").select_option("literature")
    view.ask(FLUID)
    first = view.page.locator(".turn").first
    first.get_by_role("button", name="Ask again").click()
    view.page.locator(".turn-tools").nth(2).wait_for(timeout=30_000)
    last = view.page.locator(".turn").nth(2)
    assert last.locator(".question-image").count() == 1
    assert last.locator(".differential").count() == 1
    first.get_by_role("button", name="Edit").click()
    assert view.page.locator("#question").input_value() == "What is it?"
    assert view.page.locator(".task-choice select").input_value() == "diagnosis"
    assert view.page.locator(".attached").count() == 1
