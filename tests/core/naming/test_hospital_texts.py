"""Reports, letters, referrals and slips as hospitals write them, made up: who it is about goes, what it says stays."""

import json
from pathlib import Path

import pytest

from radcite.core.identifiers import Redactor

TEXTS = Path(__file__).with_name("hospital_texts.jsonl").read_text("utf-8").splitlines()


@pytest.mark.parametrize("line", TEXTS)
def test_who_it_is_about_goes_and_what_it_says_stays(line: str) -> None:
    written = json.loads(line)
    out = Redactor(days_back=100)(written["text"])
    assert [value for value in written["gone"] if value in out] == []
    assert [value for value in written["kept"] if value not in out] == []
