"""A question through the whole agent with a real llama.cpp server as the model.

Its weights are random: every draft is nonsense in the right form, which the claim gate must not let pass.
"""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from radcite.apps.asking import AskOptions, open_asker
from radcite.apps.wiring import open_house
from radcite.core.claims import Answer
from radcite.core.settings import EncoderSettings, LlmSettings, Settings

FACT = "Low-dose CT screening reduced lung cancer mortality by 20% in heavy smokers."
QUESTION = "Does low-dose CT screening reduce lung cancer mortality in smokers?"
SERVER = Path(__file__).parents[1] / "backends" / "llama_server.py"


@pytest.fixture(params=[512, 16_384])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    command = [sys.executable, SERVER, tmp_path / "tiny.gguf", str(request.param)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout
        yield server.stdout.readline().strip()
        server.kill()


async def test_nonsense_of_a_served_model_never_reaches_the_reader(
    address: str, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text(f"A trial of screening. {FACT}\n", "utf-8")
    shown: list[object] = []

    def hear(step: str, change: Mapping[str, object]) -> None:
        if step == "claim":
            shown.append(change)

    settings = Settings(
        home=tmp_path / "home",
        llm=LlmSettings(base_url=address, model="tiny", timeout_seconds=60),
        encoders=EncoderSettings(threads=1),
    )
    async with open_house(settings) as house:
        await house.ingestor()([tmp_path / "note.txt"], "default")
        async with open_asker(house) as asker:
            outcome = await asker(AskOptions(text=QUESTION), hear)
    assert not shown
    if isinstance(outcome, Answer):
        assert outcome.degraded[-1:] == ("llm",)
        assert [claim.text for claim in outcome.claims] == [FACT]
    else:
        assert outcome.reason in {"NOT_SUPPORTED", "NO_EVIDENCE"}
