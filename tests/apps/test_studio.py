"""The graph as LangGraph's tools open it."""

import json
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from radcite.core.claims import Abstention
from radcite.core.errors import RadciteError

ROOT = Path(__file__).parents[2]


def test_the_tools_find_the_graph_by_module() -> None:
    named = json.loads((ROOT / "langgraph.json").read_text())["graphs"]["radcite"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["langgraph.graphs"]["radcite"] == named
    module, _, name = named.partition(":")
    assert callable(getattr(import_module(module), name))


async def test_it_takes_a_question_as_a_form_gives_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from radcite.apps.studio import make_graph

    monkeypatch.setenv("RADCITE_HOME", str(tmp_path))
    async with make_graph() as graph:
        drawn = {name.rpartition(":")[2] for name in graph.get_graph(xray=True).nodes}
        state = await graph.ainvoke({"text": "What is a meniscus sign?", "language": "en"})
        with pytest.raises(RadciteError, match="VALIDATION: text"):
            await graph.ainvoke({"collection": "lib"})
        with pytest.raises(RadciteError, match="NOT_FOUND: collection lib"):
            await graph.ainvoke({"text": "What is a meniscus sign?", "collection": "lib"})
    assert {"intake", "plan", "retrieve", "write", "verify", "review"} <= drawn
    assert isinstance(state["outcome"], Abstention)


async def test_the_tools_can_show_the_form_of_a_question_and_of_what_comes_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from radcite.apps.studio import make_graph

    monkeypatch.setenv("RADCITE_HOME", str(tmp_path))
    async with make_graph() as graph:
        asked, told = graph.get_input_jsonschema(), graph.get_output_jsonschema()
    assert asked["required"] == ["text"]
    assert {"text", "images", "task", "language", "collection"} == set(asked["properties"])
    assert "outcome" in told["properties"]
