"""The report tab: a draft becomes a signed report, each statement decided with its source beside it."""

from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import expect

from tests.apps.web.chromium import Window


def drafted(view: Window, image: Path) -> str:
    """A caption's draft in the report tab; its id."""
    view.drop(image)
    view.ask("Describe this chest radiograph.")
    view.page.locator(".open-report").click()
    view.page.locator(".report-sheet .heading textarea").first.wait_for()
    return str(view.page.evaluate("location.hash")).rpartition("/")[2]


def decide_all(view: Window) -> None:
    for line in view.page.locator(".finding").all():
        line.locator(".decision-button.accepted").click()
        expect(line).to_contain_text("accepted")


def fill_required(view: Window) -> None:
    for box in view.page.locator("textarea[aria-required=true]").all():
        box.fill("No abnormality.")
    view.page.locator("#signer").focus()


def test_a_draft_is_decided_filled_signed_amended_and_exported(view: Window, image: Path) -> None:
    report = drafted(view, image)
    page, sheet = view.page, view.page.locator(".report-sheet")
    expect(sheet.locator("h2")).to_have_text("Chest radiograph")
    mark = "one => getComputedStyle(one, '::before').content"
    assert sheet.evaluate(mark) == '"DRAFT"'
    sign = page.get_by_role("button", name="Sign", exact=True)
    first = page.locator(".finding").first
    first.locator(".decision-button.edited").click()
    page.get_by_label("Words instead").fill("Small left effusion, blunting the angle.")
    page.get_by_role("button", name="Save").click()
    expect(first).to_contain_text("drafted as")
    second = page.locator(".finding").nth(1)
    second.locator(".decision-button.rejected").click()
    assert page.get_by_role("button", name="Save").is_disabled(), "a rejection needs its reason"
    page.get_by_label("Why it is rejected").fill("belongs to the other patient")
    page.get_by_role("button", name="Save").click()
    expect(second).to_contain_text("belongs to the other patient")
    while left := page.locator(".finding.pending").count():
        page.locator(".finding.pending .decision-button.accepted").first.click()
        expect(page.locator(".finding.pending")).to_have_count(left - 1)
    page.fill("#signer", "李安医生")
    expect(page.locator(".held")).to_contain_text("Impression")
    expect(sign).to_be_disabled()
    fill_required(view)
    expect(page.locator(".held")).to_have_count(0)
    sign.click()
    expect(page.locator(".report-head .status")).to_have_text("Final")
    assert sheet.evaluate(mark) == "none"
    assert page.locator(".report-sheet textarea, .decision-button").count() == 0
    exports = {
        link.inner_text(): link.get_attribute("href") for link in page.locator(".exports a").all()
    }
    told = httpx.get(view.base + str(exports["Markdown"])).text
    assert "### Impression\n\nNo abnormality." in told
    assert "belongs to the other patient" not in told
    assert "李安医生" in told
    page.fill("#amendment", "second reading")
    page.get_by_role("button", name="Amend").click()
    expect(page.locator(".report-head")).to_contain_text("second reading")
    expect(page.locator(".report-head .status")).to_have_text("Draft, not signed")
    page.get_by_label("Impression").fill("Small left effusion.")
    page.fill("#signer", "Dr Bo Wu")
    sign.click()
    expect(page.locator(".history li")).to_have_count(2)
    page.get_by_role("button", name="Version 1").click()
    expect(sheet).not_to_contain_text("Small left effusion.\n")
    page.reload()
    expect(page.locator(".report-head .status")).to_have_text("Amended")
    assert report in str(page.evaluate("location.hash"))


def test_a_chip_of_the_report_opens_its_source_and_its_words_can_be_taken_over(
    view: Window, image: Path
) -> None:
    drafted(view, image)
    about_a_case = view.page.locator(".finding", has_text="Similar case")
    heading = view.page.locator(".heading", has=about_a_case).first
    line = heading.locator(about_a_case).first
    line.locator(".chip").first.click()
    quoted = view.page.locator(".case-view mark")
    quoted.wait_for()
    line.get_by_role("button", name="Use the words").click()
    assert quoted.inner_text() in heading.locator("textarea").first.input_value()


def test_what_is_typed_survives_a_reload_and_another_template(view: Window, image: Path) -> None:
    drafted(view, image)
    view.page.get_by_label("Impression").fill("Left effusion.\nNo pneumothorax.")
    view.page.locator("#signer").focus()
    view.page.get_by_label("Template").select_option("general.v1")
    expect(view.page.locator(".report-sheet h2")).to_have_text("Imaging report")
    view.page.reload()
    expect(view.page.get_by_label("Impression")).to_have_value("Left effusion.\nNo pneumothorax.")


def test_the_queue_lists_what_waits_and_opens_it_with_its_sources(
    view: Window, image: Path
) -> None:
    report = drafted(view, image)
    decide_all(view)
    fill_required(view)
    view.page.locator(".new-thread").click()
    view.page.get_by_role("tab", name="Review").click()
    row = view.page.locator(".queue-row").first
    expect(row).to_contain_text("ready to sign")
    row.click()
    assert report in str(view.page.evaluate("location.hash"))
    view.page.locator(".finding .chip").last.click()
    view.page.wait_for_selector(".case-view mark")
    view.page.fill("#signer", "Dr Ann Lee")
    view.page.get_by_role("button", name="Sign", exact=True).click()
    expect(view.page.locator(".report-head .status")).to_have_text("Final")
    view.page.get_by_role("tab", name="Review").click()
    expect(view.page.locator(".queue-list").last.locator(".queue-row").first).to_contain_text(
        "Final"
    )


def ready(view: Window, image: Path) -> str:
    """A report that only waits for its signature; its id."""
    report = drafted(view, image)
    decide_all(view)
    fill_required(view)
    expect(view.page.locator(".held")).to_have_count(0)
    view.page.fill("#signer", "Dr Ann Lee")
    return report


def test_words_that_were_not_kept_hold_the_signature_back(view: Window, image: Path) -> None:
    report = ready(view, image)
    page, sign = view.page, view.page.get_by_role("button", name="Sign", exact=True)
    impression = page.get_by_label("Impression")
    impression.fill("Large tension\u202e pneumothorax on the left.")
    sign.click()
    expect(page.locator(".not-saved")).to_contain_text("control characters")
    expect(page.locator(".held")).to_contain_text("Not saved: Impression")
    expect(sign).to_be_disabled()
    assert httpx.get(f"{view.base}/api/reports/{report}").json()["signed"] is False
    impression.fill("Large tension pneumothorax on the left.")
    sign.click()
    expect(page.locator(".report-head .status")).to_have_text("Final")
    kept = httpx.get(f"{view.base}/api/reports/{report}").json()
    assert "Large tension pneumothorax on the left." in {
        one["text"] for one in kept["form"]["fields"]
    }
    assert_shown_is_kept(view, kept)
    view.complaints.clear()


def assert_shown_is_kept(view: Window, kept: dict[str, Any]) -> None:
    """What stands on the screen under the headings is what was signed."""
    words = [one["text"] for one in kept["form"]["fields"] if one["text"]]
    assert view.page.locator(".own-words").all_inner_texts() == words


def test_what_another_window_changed_is_seen_before_it_is_signed(view: Window, image: Path) -> None:
    report = ready(view, image)
    path = f"{view.base}/api/reports/{report}"
    httpx.put(f"{path}/form/impression", json={"text": "Large tension pneumothorax."})
    page, sign = view.page, view.page.get_by_role("button", name="Sign", exact=True)
    sign.click()
    expect(page.locator(".problem")).to_contain_text("not what it was when you read it")
    expect(page.get_by_label("Impression")).to_have_value("Large tension pneumothorax.")
    assert httpx.get(path).json()["signed"] is False
    sign.click()
    expect(page.locator(".report-head .status")).to_have_text("Final")
    assert_shown_is_kept(view, httpx.get(path).json())
    view.complaints.clear()


def test_what_is_said_of_similar_cases_is_set_aside_at_once(view: Window, image: Path) -> None:
    drafted(view, image)
    page = view.page
    cases = page.locator(".finding", has_text="Similar case")
    assert cases.count() > 0
    page.get_by_role("button", name="Set aside what is said of similar cases").click()
    expect(page.locator(".set-aside")).to_have_count(0)
    for line in cases.all():
        expect(line).to_contain_text("about another patient")
    for line in page.locator(".finding.pending").all():
        line.locator(".decision-button.accepted").click()
    fill_required(view)
    page.fill("#signer", "Dr Ann Lee")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator(".report-head .status")).to_have_text("Final")
