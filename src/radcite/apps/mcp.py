"""radcite as a Model Context Protocol server: search, describe, answer."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from radcite import __version__
from radcite.apps.asking import outcome_of
from radcite.apps.encoded_images import show_encoded
from radcite.apps.searching import asked_patient, audited_search, check_known, hit_json
from radcite.core.accounts import LOCAL_IDENTITY, Identity
from radcite.core.checked import checked
from radcite.core.errors import RadciteError
from radcite.core.question import Question, TaskChoice
from radcite.core.sources import Language
from radcite.tools.cases import CaseRequest
from radcite.tools.literature import LiteratureRequest

if TYPE_CHECKING:
    from mcp.server.mcpserver import Context, MCPServer

    from radcite.apps.asking import Agent
    from radcite.apps.auditing import Auditor
    from radcite.apps.wiring import House

__all__ = ["mcp_server"]

_INSTRUCTIONS = """\
Answers about medical images and literature whose every statement carries a citation that was checked. Repeat the
citations with the statements; where the answer is an abstention, say so and do not fill the gap. The answers are
drafts for a clinician's review and no diagnosis.
"""
Json = dict[str, Any]
Turn = Callable[[str], AbstractAsyncContextManager[object]]
"""Of a user's name: entered before a call of theirs is worked on, left when it is done."""


def mcp_server(house: "House", agent: "Agent", turn: Turn = nullcontext) -> "MCPServer[Any]":
    """The server with its four tools; over HTTP each call is made for the user whom the gate let in.

    Args:
        house: An opened house.
        agent: What answers.
        turn: Holds a call to what its user and the service may do.
    """
    from mcp.server.mcpserver import Context, MCPServer

    server: MCPServer[Any] = MCPServer(
        "radcite", version=__version__, instructions=_INSTRUCTIONS, log_level="ERROR"
    )

    @server.tool(description="Passages of the medical literature, nearest in meaning and words")
    async def search_literature(  # pyright: ignore[reportUnusedFunction] - the server calls it
        context: Context[Any, Any],
        query: str,
        collection: str = "default",
        limit: int = 8,
        language: Language | None = None,
    ) -> Json:
        by = _asker(house, context, collection)
        async with _told(by, turn):
            request = LiteratureRequest(
                query=query, collection=collection, limit=limit, language=language
            )
            return {"hits": [hit_json(hit) for hit in await audited_search(house, request, by)]}

    @server.tool(description="Cases like a description or like images (base64 PNG, JPEG or DICOM)")
    async def search_cases(  # pyright: ignore[reportUnusedFunction] - the server calls it
        context: Context[Any, Any],
        query: str = "",
        images: list[str] | None = None,
        collection: str = "default",
        limit: int = 5,
        patient: str | None = None,
    ) -> Json:
        by = _asker(house, context, collection)
        async with _told(by, turn), show_encoded(house, images or ()) as digests:
            request = CaseRequest(
                query=query,
                images=digests,
                collection=collection,
                limit=limit,
                patient=await asked_patient(house, patient),
            )
            return {"hits": [hit_json(hit) for hit in await audited_search(house, request, by)]}

    @server.tool(description="What similar cases say of an image (base64 PNG, JPEG or DICOM)")
    async def describe_image(  # pyright: ignore[reportUnusedFunction] - the server calls it
        context: Context[Any, Any],
        image: str,
        collection: str = "default",
        language: Literal["en", "zh"] = "en",
    ) -> Json:
        by = _asker(house, context, collection)
        async with _told(by, turn), show_encoded(house, [image]) as digests:
            await check_known(house, collection)
            question = Question(
                text="", images=digests, task="caption", language=language, collection=collection
            )
            return await _answered(agent, question, by)

    @server.tool(description="A cited answer to a question, or why there is none")
    async def answer(  # pyright: ignore[reportUnusedFunction] - the server calls it
        context: Context[Any, Any],
        question: str,
        images: list[str] | None = None,
        collection: str = "default",
        task: TaskChoice = "auto",
        language: Literal["auto", "en", "zh"] = "auto",
    ) -> Json:
        by = _asker(house, context, collection)
        async with _told(by, turn), show_encoded(house, images or ()) as digests:
            await check_known(house, collection)
            asked = Question(
                text=question,
                images=digests,
                task=task,
                language=language,
                collection=collection,
            )
            return await _answered(agent, asked, by)

    return server


def _asker(house: "House", context: "Context[Any, Any]", collection: str) -> "Auditor":
    from mcp.server.mcpserver.exceptions import ToolError

    request = context.request_context.request
    # Without a request the caller started this process itself.
    identity = LOCAL_IDENTITY if request is None else request.scope.get("radcite.identity")
    may = isinstance(identity, Identity) and "ask" in identity.permissions
    if not may or not identity.may_search(collection):
        raise ToolError("FORBIDDEN: this collection is not open to you")
    return house.auditor(identity.name, "mcp")


async def _answered(agent: "Agent", question: Question, by: "Auditor") -> Json:
    thread = uuid4().hex
    try:
        outcome = await outcome_of(agent.once(question.model_copy(update={"thread": thread}), by))
    finally:
        await agent.forget(thread)
    return {"schema": "radcite.outcome/1", **outcome.model_dump(mode="json")}


@asynccontextmanager
async def _told(by: "Auditor", turn: Turn) -> AsyncGenerator[None]:
    """Failures become what the protocol shows to a model: code, title, detail, hint."""
    from mcp.server.mcpserver.exceptions import ToolError

    try:
        async with turn(by.actor), by.guard("mcp"):
            with checked():
                yield
    except RadciteError as error:
        hint = error.wording.hint_en
        raise ToolError(f"{error.code}: {error.wording.en}: {error.detail}. {hint}") from error
