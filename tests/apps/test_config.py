import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from radcite.core.settings import Settings

Run = Callable[..., Any]


def test_keys_are_masked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RADCITE_LLM__BASE_URL", "http://127.0.0.1:8000/v1")
    monkeypatch.setenv("RADCITE_LLM__MODEL", "radcite-medical")
    monkeypatch.setenv("RADCITE_LLM__API_KEY", "not-to-be-shown")
    for flags in ([], ["--json"]):
        told = run("config", "show", *flags).stdout
        assert "not-to-be-shown" not in told
        assert "radcite-medical" in told


def test_the_environment_is_above_the_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "radcite.toml").write_text('fusion = "rank"\n[limits]\npages = 7\n')
    monkeypatch.setenv("RADCITE_LIMITS__PAGES", "9")
    settings = json.loads(run("config", "show", "--json").stdout)["settings"]
    assert (settings["fusion"], settings["limits"]["pages"]) == ("rank", 9)


def test_an_unknown_key_is_named_and_its_value_is_not(run: Run, tmp_path: Path) -> None:
    (tmp_path / "radcite.toml").write_text('[llm]\napi_kee = "not-to-be-shown"\n')
    told = run("config", "show", code=2)
    assert "llm.api_kee" in told.stderr
    assert "not-to-be-shown" not in told.stderr


def test_a_new_file_changes_nothing_until_it_is_edited(run: Run, tmp_path: Path) -> None:
    before = run("config", "show", "--json").stdout
    run("config", "init")
    assert tomllib.loads((tmp_path / "radcite.toml").read_text("utf-8")) == {}
    assert run("config", "show", "--json").stdout == before


def test_every_line_of_a_new_file_is_a_setting_with_its_default(run: Run, tmp_path: Path) -> None:
    run("config", "init")
    text = (tmp_path / "radcite.toml").read_text("utf-8")
    written = tomllib.loads(re.sub(r"^#(?=[a-z\[])", "", text, flags=re.MULTILINE))
    settings = Settings.model_validate(written)
    assert settings.limits == Settings().limits
    assert settings.fusion == Settings().fusion
    assert set(written) == set(Settings.model_fields)


def test_a_file_that_is_there_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "radcite.toml").write_text("# mine\n")
    run("config", "init", code=2)
    assert (tmp_path / "radcite.toml").read_text() == "# mine\n"


def test_the_schema_describes_every_section(run: Run) -> None:
    schema = json.loads(run("config", "schema").stdout)
    assert set(schema["properties"]) == set(Settings.model_fields)
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    ("name", "value"),
    [("RADCITE_SERVE__HOSTS", "radiology.local"), ("RADCITE_TASKS", "literature")],
)
def test_a_list_in_the_environment_that_is_no_json_is_named_and_its_value_is_not(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    told = run("config", "show", "--json", code=2).stderr
    assert "CONFIG_INVALID" in told
    assert name in told
    assert "JSON" in told
    assert value not in told


def test_a_file_in_another_encoding_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "radcite.toml").write_text('fusion = "rank"  # 融合\n', "gbk")
    assert "radcite.toml: not UTF-8" in run("config", "show", code=2).stderr
    (tmp_path / "radcite.toml").write_text('fusion = "rank"  # 融合\n', "utf-8-sig")
    assert '"rank"' in run("config", "show", "--json").stdout
