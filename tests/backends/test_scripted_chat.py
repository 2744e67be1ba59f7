import pytest
from pydantic import BaseModel

from radcite.backends.fakes import ScriptedChat
from radcite.core.errors import DependencyDown, RadciteError
from radcite.core.ports import ChatModel, ChatPrompt

PROMPT = ChatPrompt(name="answer.v1.en")


class Reply(BaseModel):
    seen: bool


async def test_it_says_what_it_was_told_and_keeps_the_prompts() -> None:
    script = ScriptedChat([Reply(seen=True), '{"seen": false}'])
    chat: ChatModel = script
    assert await chat.complete(PROMPT, Reply) == Reply(seen=True)
    assert await chat.complete(PROMPT, Reply) == Reply(seen=False)
    assert script.prompts == [PROMPT, PROMPT]


async def test_it_raises_a_scripted_error() -> None:
    down = DependencyDown("TIMEOUT", "slow")
    with pytest.raises(DependencyDown) as caught:
        await ScriptedChat([down]).complete(PROMPT, Reply)
    assert caught.value is down


async def test_a_reply_of_another_form_is_bad_output() -> None:
    with pytest.raises(RadciteError) as caught:
        await ScriptedChat(['{"heard": true}']).complete(PROMPT, Reply)
    assert caught.value.code == "LLM_BAD_OUTPUT"


async def test_without_replies_the_model_is_down() -> None:
    chat = ScriptedChat()
    with pytest.raises(DependencyDown):
        await chat.probe()
    with pytest.raises(DependencyDown):
        await chat.complete(PROMPT, Reply)


async def test_a_stream_joins_to_the_reply() -> None:
    text = "No  nodule\nis seen. "
    pieces = [piece async for piece in ScriptedChat([text]).stream(PROMPT)]
    assert len(pieces) > 3
    assert "".join(pieces) == text
