"""A served house in a process of its own, and Chromium in front of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.apps.web.chromium import CHROMIUM, STATIC, Window, browser, window
from tests.apps.web.scene import copied
from tests.apps.web.serving import served


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, and say plainly what is missing for them."""
    for item in items:
        if Path(__file__).parent not in item.path.parents:
            continue
        item.add_marker(pytest.mark.browser)
        if CHROMIUM is None:
            item.add_marker(pytest.mark.skip("Chromium is not installed (apt install chromium)"))
        if not (STATIC / "index.html").is_file():
            item.add_marker(pytest.mark.skip("not built (make web)"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as made:
        yield made


@pytest.fixture(scope="module")
def filled(collection_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(collection_home, tmp_path_factory.mktemp("browser") / "home")


@pytest.fixture(scope="module")
def site_address(filled: Path) -> Iterator[str]:
    with served(filled) as base:
        yield base


@pytest.fixture
def view(chromium: Browser, site_address: str) -> Iterator[Window]:
    with window(chromium, site_address) as made:
        made.open()
        made.page.wait_for_selector("#question")
        yield made
        assert made.complaints == []
        assert made.strays == []


@pytest.fixture
def image(filled: Path) -> Path:
    return filled / "demo/questions/chest-a.dcm"
