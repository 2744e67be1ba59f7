"""The guide to the codes names every one, in both languages, with the words that a user is shown."""

from pathlib import Path
from typing import get_args

import pytest

from radcite.apps.cli.run import exit_code
from radcite.apps.web.problems import STATUS
from radcite.core.claims import AbstentionReason
from radcite.core.errors import CODES, RadciteError
from radcite.core.sources import Language

GUIDES = Path(__file__).parents[2] / "docs" / "guides"
PAGES: dict[Language, str] = {"en": "errors.md", "zh": "errors.zh.md"}


@pytest.mark.parametrize("language", PAGES)
def test_every_error_stands_there_with_its_statuses_title_and_hint(language: Language) -> None:
    lines = (GUIDES / PAGES[language]).read_text("utf-8").splitlines()
    for code, words in CODES.items():
        title, hint = (words.en, words.hint_en) if language == "en" else (words.zh, words.hint_zh)
        ends = exit_code(RadciteError(code, "it"))
        assert f"| `{code}` | {STATUS.get(code, 500)} | {ends} | {title} | {hint} |" in lines


@pytest.mark.parametrize("language", PAGES)
def test_every_reason_for_no_answer_stands_there(language: Language) -> None:
    page = (GUIDES / PAGES[language]).read_text("utf-8")
    assert [one for one in get_args(AbstentionReason) if f"| `{one}` |" not in page] == []
