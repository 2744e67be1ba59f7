"""The front pages keep their promises: equal in both languages, links that lead somewhere."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs" / "adr").glob("*.md"),
]


def _commands(page: Path) -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), flags=re.DOTALL)
    return [line.partition("#")[0].split()[:2] for block in blocks for line in block.splitlines()]


def test_both_readmes_have_the_same_sections_and_commands() -> None:
    english, chinese = ROOT / "README.md", ROOT / "README.zh.md"
    assert _commands(english) == _commands(chinese)
    for mark in ("\n## ", "\n```", "\n| "):
        assert english.read_text("utf-8").count(mark) == chinese.read_text("utf-8").count(mark)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_local_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_hard_choices_are_numbered_without_gaps() -> None:
    numbers = sorted(int(page.name[:4]) for page in (ROOT / "docs" / "adr").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("path", [*(ROOT / "docs").rglob("*.ipynb")], ids=lambda path: path.name)
def test_a_notebook_is_committed_as_it_was_run_from_top_to_bottom(path: Path) -> None:
    text = path.read_text("utf-8")
    code = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == [*range(1, len(code) + 1)]
    kinds = {output["output_type"] for cell in code for output in cell["outputs"]}
    assert "execute_result" in kinds
    assert "error" not in kinds
    assert not re.search(r"/(home|tmp|work|root)/", text)
