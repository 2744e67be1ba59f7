"""The chat as a doctor uses it, in Chromium, with the rest of the world unreachable."""

import io
import socket
import subprocess
import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, Route

from tests.apps.web.chromium import FLUID, FLUID_ZH, Window, first_script_bytes, sign_in, window
from tests.apps.web.scene import PASSWORD, copied
from tests.apps.web.serving import RADCITE, served

FIRST_LOAD_BYTES = 80_000


def pixels(of: Locator) -> NDArray[np.int64]:
    with Image.open(io.BytesIO(of.screenshot())) as shown:
        return np.asarray(shown.convert("RGB"), dtype=np.int64)


def test_a_chip_opens_the_page_with_the_quoted_words_framed(view: Window) -> None:
    view.ask(FLUID)
    view.page.locator(".claim .chip.supported").first.click()
    view.page.wait_for_selector(".quote-box")
    first = view.page.locator(".quote-box").first
    inside = pixels(first)
    # Yellow where the paper is, black where the words are.
    yellow = (inside[..., 0] > 200) & (inside[..., 2] < 190)
    dark = inside.sum(axis=2) < 250
    assert yellow.mean() > 0.4
    assert 0.02 < dark.mean() < 0.6
    below = view.page.locator(".sheet")
    box, sheet = first.bounding_box(), below.bounding_box()
    assert box is not None
    assert sheet is not None
    # The sentence stands at 193 to 208 points of 842, from the 73rd of 595.
    assert (box["y"] - sheet["y"]) / sheet["height"] == pytest.approx(193 / 842, abs=0.03)
    assert (box["x"] - sheet["x"]) / sheet["width"] == pytest.approx(73 / 595, abs=0.02)


def test_the_same_question_in_chinese_is_answered_in_chinese(view: Window) -> None:
    view.page.get_by_role("button", name="中文").click()
    assert view.page.locator("html").get_attribute("lang") == "zh-CN"
    view.ask(FLUID_ZH)
    assert "胸腔积液" in view.page.locator(".claim").first.inner_text()
    assert view.page.locator(".reply").get_attribute("lang") == "zh-CN"
    view.page.wait_for_selector(".quote-box")


def test_a_study_is_asked_about_and_its_similar_cases_are_shown(view: Window, image: Path) -> None:
    view.drop(image)
    assert "Privacy gate" in view.page.locator(".parcel").inner_text()
    view.ask("What is the most likely diagnosis?")
    assert view.page.locator(".differential li").count() > 0
    view.page.locator(".claim .chip").nth(1).click()
    mark = view.page.locator(".case-view mark")
    mark.wait_for()
    assert "effusion" in mark.inner_text().lower()
    view.page.get_by_role("button", name="Back to the gallery").click()
    assert view.page.locator(".case-card").count() > 3


def test_dragging_changes_window_and_pixels_and_a_preset_brings_them_back(
    view: Window, image: Path
) -> None:
    view.drop(image)
    holder = view.page.locator(".viewport")
    view.page.wait_for_timeout(500)
    before, center = pixels(holder), view.page.locator(".viewer").get_attribute("data-center")
    box = holder.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    view.page.mouse.move(x + 60, y + 120, steps=6)
    view.page.mouse.up()
    view.page.wait_for_timeout(500)
    assert view.page.locator(".viewer").get_attribute("data-center") != center
    assert np.abs(pixels(holder) - before).mean() > 5
    view.page.keyboard.press("1")
    view.page.wait_for_timeout(500)
    assert view.page.locator(".viewer").get_attribute("data-center") == center
    assert np.abs(pixels(holder) - before).mean() < 2
    view.page.keyboard.press("i")
    view.page.wait_for_timeout(500)
    assert np.abs(pixels(holder) - before).mean() > 40


def test_a_length_is_measured_in_millimetres(view: Window, image: Path) -> None:
    view.drop(image)
    view.page.get_by_role("button", name="Length").click()
    box = view.page.locator(".viewport").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    view.page.mouse.move(box["x"] + box["width"] * 0.3, y)
    view.page.mouse.down()
    view.page.mouse.move(box["x"] + box["width"] * 0.7, y, steps=8)
    view.page.mouse.up()
    label = view.page.locator(".viewport svg text").first
    label.wait_for(state="attached")
    assert "mm" in (label.text_content() or "")


def test_two_images_are_compared_side_by_side(view: Window, image: Path) -> None:
    view.drop(image)
    view.ask("What is the most likely diagnosis?")
    view.page.get_by_role("tab", name="Image").click()
    # Studies of the same patient that earlier tests sent in stand before the cases.
    view.page.locator(".compare-thumb", has_text="E1").first.click()
    view.page.wait_for_selector('.viewer[data-viewer="side"][data-center]')
    assert view.page.locator(".viewer").count() == 2
    view.page.get_by_role("button", name="Why similar").click()
    heat = view.page.locator(".heat")
    heat.wait_for()
    view.page.wait_for_timeout(300)
    shown, holder = heat.bounding_box(), view.page.locator(".viewport").first.bounding_box()
    assert shown is not None
    assert holder is not None
    # It lies on the image, which is square and in the middle of its half.
    assert shown["width"] == pytest.approx(shown["height"], rel=0.02)
    middle = [box["y"] + box["height"] / 2 for box in (shown, holder)]
    assert middle[0] == pytest.approx(middle[1], abs=4)


def test_the_place_of_a_diagnosis_is_drawn_on_the_image_and_its_opacity_changes_pixels(
    view: Window, image: Path
) -> None:
    view.drop(image)
    view.ask("What is the most likely diagnosis?")
    view.page.locator(".where").first.click()
    heat = view.page.locator(".heat")
    heat.wait_for(timeout=30_000)
    view.page.wait_for_timeout(300)
    holder = view.page.locator(".viewport-holder").first
    shown = pixels(holder)
    # Warm: more red than blue, which no grey image has.
    assert (shown[..., 0] > shown[..., 2] + 40).mean() > 0.005
    view.page.get_by_label("Opacity").fill("0")
    view.page.wait_for_timeout(200)
    bare = pixels(holder)
    assert (bare[..., 0] > bare[..., 2] + 40).mean() < 0.001
    view.page.locator(".viewer-head .key-slice[aria-pressed=true]").click()
    heat.wait_for(state="detached")


def test_an_abstention_says_why_and_what_was_searched(view: Window) -> None:
    view.ask("Which antibiotic dose is recommended for a child with otitis media?")
    told = view.page.locator(".abstention").inner_text()
    assert "NO_EVIDENCE" in told
    assert "literature_search" in told


def test_emergency_advice_stands_above_the_answer(view: Window) -> None:
    view.ask("I have crushing chest pain and cannot breathe. What should I do?")
    flag, notice = view.page.locator(".red-flag").first, view.page.locator(".notice").first
    above, below = flag.bounding_box(), notice.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] < below["y"]


def test_support_is_seen_and_said_and_a_degraded_answer_names_what_is_missing(
    view: Window,
) -> None:
    view.ask(FLUID)
    thread = view.page.evaluate("location.hash").rpartition("/")[2]

    def weaker(route: Route) -> None:
        turns = route.fetch().json()
        claim = turns[0]["outcome"]["claims"][0]
        others = [{**claim, "support": name, "reason": "why"} for name in ("weak", "unsupported")]
        turns[0]["outcome"] |= {"claims": [claim, *others], "degraded": ["llm"]}
        route.fulfill(json=turns)

    view.page.route(f"**/api/threads/{thread}", weaker)
    view.page.reload()
    view.page.wait_for_selector(".chip.unsupported")
    said = [
        chip.get_attribute("aria-label") or "" for chip in view.page.locator(".claim .chip").all()
    ]
    assert ["not supported" in one for one in said] == [False, False, True]
    assert "weakly supported" in said[1]
    struck = view.page.locator(".claim.unsupported .claim-text")
    assert "line-through" in struck.evaluate("one => getComputedStyle(one).textDecorationLine")
    weak = view.page.locator(".chip.weak")
    assert weak.evaluate("one => getComputedStyle(one).borderStyle") == "dashed"
    assert "language model" in view.page.locator(".degraded").inner_text()
    assert view.violations() == []


def test_stop_ends_the_work_of_a_model_that_never_answers(
    chromium: Browser, filled: Path, tmp_path: Path
) -> None:
    left = threading.Event()

    def hear(listener: socket.socket) -> None:
        talking, _ = listener.accept()
        with talking:
            while talking.recv(65_536):
                pass
        left.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=hear, args=(listener,), daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        model = {"RADCITE_LLM__BASE_URL": url, "RADCITE_LLM__MODEL": "silent"}
        with (
            served(copied(filled, tmp_path / "home"), model) as base,
            window(chromium, base) as made,
        ):
            made.open()
            made.page.fill("#question", FLUID)
            made.page.keyboard.press("Enter")
            made.page.get_by_text("Planning the searches").wait_for()
            made.page.get_by_role("button", name="Stop").click()
            made.page.get_by_text("Stopped. Nothing was kept").wait_for()
            assert left.wait(10)


def test_a_reload_keeps_the_thread(view: Window) -> None:
    view.ask(FLUID)
    said = view.page.locator(".claim").first.inner_text()
    view.page.reload()
    view.page.wait_for_selector(".claim")
    assert view.page.locator(".claim").first.inner_text() == said


def test_a_copied_answer_carries_its_citations(view: Window) -> None:
    view.ask(FLUID)
    view.page.get_by_role("button", name="Copy with citations").click()
    view.page.wait_for_timeout(200)
    copied = view.page.evaluate("navigator.clipboard.readText()")
    assert "[E1]" in copied
    assert "“On an upright frontal chest radiograph" in copied


def test_the_keyboard_walks_citations_and_opens_help(view: Window) -> None:
    view.ask(FLUID)
    view.page.keyboard.press("Escape")
    view.page.keyboard.press("]")
    assert view.page.locator('.chip[aria-pressed="true"]').count() == 1
    view.page.keyboard.press("?")
    assert view.page.get_by_role("dialog").is_visible()
    view.page.keyboard.press("Escape")
    assert view.page.get_by_role("dialog").count() == 0


def test_a_case_to_learn_from_is_solved_with_its_record(view: Window) -> None:
    view.page.get_by_role("tab", name="Teaching").click()
    view.page.locator(".choice").first.click()
    view.page.wait_for_selector(".solution")
    assert view.page.locator(".choice.right").count() == 1
    view.page.locator(".solution .chip").first.click()
    view.page.wait_for_selector(".case-view mark")
    view.page.get_by_role("button", name="Read about it").click()
    view.page.wait_for_selector(".turn-tools", timeout=30_000)


def test_a_document_is_added_to_the_library_only_after_a_question(
    view: Window, tmp_path: Path
) -> None:
    note = tmp_path / "note.md"
    note.write_text("# Zebra sign\n\nThe zebra sign of the radcite tests measures 41 mm.", "utf-8")
    view.page.set_input_files("input[type=file]", str(note))
    view.page.get_by_role("button", name="Add", exact=True).click()
    view.page.get_by_text("Added to the library: 1 documents").wait_for()
    view.ask("What does the zebra sign of the radcite tests measure?")
    assert "41 mm" in view.page.locator(".claim").first.inner_text()


def test_the_first_load_is_small() -> None:
    assert first_script_bytes() <= FIRST_LOAD_BYTES


def test_the_page_is_usable_within_a_second(chromium: Browser, site_address: str) -> None:
    with window(chromium, site_address) as made:
        made.open()
        made.page.wait_for_selector("#question")
        made.page.reload()
        made.page.wait_for_selector("#question")
        seconds = made.page.evaluate("performance.now()") / 1000
    assert seconds < 3, "generous: the machine may be busy; bench/serve.py measures it"


def test_a_second_user_sees_nothing_of_the_first(
    chromium: Browser, filled: Path, image: Path, tmp_path: Path
) -> None:
    home = copied(filled, tmp_path / "home")
    for name in ("ann", "bob"):
        command = [RADCITE, "user", "add", name, "--home", str(home)]
        subprocess.run(command, input=f"{PASSWORD}\n", text=True, check=True, cwd=home)
    with served(home) as base:
        with window(chromium, base) as ann:
            sign_in(ann, "ann")
            ann.drop(image)
            ann.ask("Describe this chest radiograph.")
            thread = ann.page.evaluate("location.hash")
            ann.page.locator(".sidebar .row").nth(1).wait_for()
            assert ann.violations() == []
        with window(chromium, base) as bob:
            bob.open(f"/{thread}")
            assert bob.violations() == []
            sign_in(bob, "bob")
            assert bob.page.locator(".sidebar .row").count() == 0
            assert bob.page.locator(".turn").count() == 0
