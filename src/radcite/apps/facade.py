"""radcite from Python: `from radcite import Radcite`."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal
from weakref import finalize

from radcite.apps.background import BackgroundLoop
from radcite.apps.configuration import load_settings
from radcite.apps.replies import Hits, Reply, Taken
from radcite.core.checked import checked
from radcite.core.errors import RadciteError
from radcite.core.question import TaskChoice
from radcite.core.settings import Settings
from radcite.core.sources import Language
from radcite.tools.hybrid import SearchMode

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph

    from radcite.apps.asking import Asker
    from radcite.apps.llama import CitedQueryEngine, LiteratureRetriever
    from radcite.apps.wiring import House

__all__ = ["Radcite"]

_Files = Sequence[str | Path]


class Radcite:
    """One data folder: take files in, search, and ask, from scripts and notebooks.

    Nothing is opened before the first call. The folder is then owned by this process until `close`, the end
    of a `with` block, or the end of the program; a second owner meets `HOME_LOCKED`. Each method has
    an async twin (`aask`, `asearch`, `aingest`) that works in any event loop.

    Args:
        home: The data folder; by default `RADCITE_HOME` or the platform's user data folder.
        collection: Used wherever a call names none.
        settings: In place of `radcite.toml` and the environment.
    """

    def __init__(
        self,
        home: str | Path | None = None,
        *,
        collection: str = "default",
        settings: Settings | None = None,
    ) -> None:
        self.collection = collection
        self._settings = settings or load_settings({"home": Path(home) if home else None})
        self._opened = _Opened(self._settings)
        self._closing = finalize(self, self._opened.close)

    def ask(
        self,
        question: str = "",
        *,
        images: _Files = (),
        patient: str | None = None,
        thread: str | None = None,
        task: TaskChoice = "auto",
        language: Literal["auto"] | Language = "auto",
        collection: str | None = None,
    ) -> Reply:
        """Answer a question; every statement carries a citation that was checked.

        Args:
            question: The words; may be empty with an image.
            images: DICOM, PNG or JPEG files.
            patient: Keeps this patient's own cases out of the similar cases.
            thread: Continues a conversation of this name.
            task: What is wanted; `auto` decides by question and images.
            language: Of the answer; `auto` follows the question.
            collection: Which collection is asked.

        Raises:
            RadciteError: As `radcite ask`; an abstention is a reply and no error.
        """
        return self._opened.loop.call(
            self._opened.ask(
                question,
                images,
                patient=patient,
                thread=thread,
                task=task,
                language=language,
                collection=collection or self.collection,
            )
        )

    async def aask(
        self,
        question: str = "",
        *,
        images: _Files = (),
        patient: str | None = None,
        thread: str | None = None,
        task: TaskChoice = "auto",
        language: Literal["auto"] | Language = "auto",
        collection: str | None = None,
    ) -> Reply:
        """`ask` without blocking the caller's event loop."""
        return await self._opened.loop.wait(
            self._opened.ask(
                question,
                images,
                patient=patient,
                thread=thread,
                task=task,
                language=language,
                collection=collection or self.collection,
            )
        )

    def search(
        self,
        query: str = "",
        *,
        what: Literal["literature", "cases"] = "literature",
        images: _Files = (),
        limit: int = 10,
        mode: SearchMode = "hybrid",
        language: Language | None = None,
        collection: str | None = None,
    ) -> Hits:
        """Passages of the literature, or cases like an image or a description, best first.

        Raises:
            RadciteError: As `radcite search`.
        """
        return self._opened.loop.call(
            self._opened.search(
                query, what, images, limit, mode, language, collection or self.collection
            )
        )

    async def asearch(
        self,
        query: str = "",
        *,
        what: Literal["literature", "cases"] = "literature",
        images: _Files = (),
        limit: int = 10,
        mode: SearchMode = "hybrid",
        language: Language | None = None,
        collection: str | None = None,
    ) -> Hits:
        """`search` without blocking the caller's event loop."""
        return await self._opened.loop.wait(
            self._opened.search(
                query, what, images, limit, mode, language, collection or self.collection
            )
        )

    def ingest(self, *paths: str | Path, collection: str | None = None, jobs: int = 2) -> Taken:
        """Take files or folders into the collection; a file that cannot be read is refused and listed.

        Raises:
            RadciteError: As `radcite ingest`.
        """
        return self._opened.loop.call(
            self._opened.ingest(paths, collection or self.collection, jobs)
        )

    async def aingest(
        self, *paths: str | Path, collection: str | None = None, jobs: int = 2
    ) -> Taken:
        """`ingest` without blocking the caller's event loop."""
        return await self._opened.loop.wait(
            self._opened.ingest(paths, collection or self.collection, jobs)
        )

    @cached_property
    def graph(self) -> "CompiledStateGraph[Any, Any, Any, Any]":
        """The agent as a compiled LangGraph graph; its nodes are coroutines, so it is run with `ainvoke` or `astream`.

        Its input has the fields of a question (`text`, `language`, `collection`, …), its state `outcome` at the end.
        """
        from radcite.apps.studio import graph_of

        return graph_of(self._opened.loop.call(self._opened.house()))

    def as_retriever(
        self,
        *,
        limit: int = 8,
        mode: SearchMode = "hybrid",
        language: Language | None = None,
        collection: str | None = None,
    ) -> "LiteratureRetriever":
        """The literature search as a retriever of LlamaIndex."""
        from radcite.apps.llama import LiteratureRetriever

        return LiteratureRetriever(self, limit, mode, language, collection or self.collection)

    def as_query_engine(
        self, *, task: TaskChoice = "literature", collection: str | None = None
    ) -> "CitedQueryEngine":
        """`ask` as a query engine of LlamaIndex; the source nodes are what the claims cite."""
        from radcite.apps.llama import CitedQueryEngine

        return CitedQueryEngine(self, task, collection or self.collection)

    def close(self) -> None:
        """Let go of the data folder; calling it again changes nothing, calling anything else is an error."""
        self._closing()

    def __enter__(self) -> "Radcite":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Opened:
    """The house behind the loop it lives in; knows nothing of `Radcite`, so that it can outlive it by its closing."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._closing = AsyncExitStack()
        self._opening = asyncio.Lock()
        self._house: House | None = None
        self._asker: Asker | None = None
        self._loop: BackgroundLoop | None = None
        self._closed = False

    @property
    def loop(self) -> BackgroundLoop:
        """Begun on first use.

        Raises:
            RadciteError: `VALIDATION` once it was closed.
        """
        if self._closed:
            raise RadciteError(
                "VALIDATION",
                "this Radcite was closed; make another to go on",
                "此 Radcite 已关闭；请新建一个再继续",
            )
        if self._loop is None:
            self._loop = BackgroundLoop()
        return self._loop

    async def house(self) -> "House":
        """Opened on first use."""
        async with self._opening:
            if self._house is None:
                from radcite.apps.wiring import open_house

                opening = open_house(self._settings)
                self._house = await self._closing.enter_async_context(opening)
            return self._house

    async def asker(self) -> "Asker":
        """Opened on first use."""
        house = await self.house()
        async with self._opening:
            if self._asker is None:
                from radcite.apps.asking import open_asker

                self._asker = await self._closing.enter_async_context(open_asker(house))
            return self._asker

    async def ask(
        self,
        question: str,
        images: _Files,
        *,
        patient: str | None,
        thread: str | None,
        task: TaskChoice,
        language: Literal["auto"] | Language,
        collection: str,
    ) -> Reply:
        from radcite.apps.asking import AskOptions

        with checked():
            options = AskOptions(
                text=question,
                images=tuple(map(Path, images)),
                patient=patient,
                thread=thread,
                task=task,
                language=language,
                collection=collection,
            )
        asker = await self.asker()
        return Reply(question, await asker(options))

    async def search(
        self,
        query: str,
        what: Literal["literature", "cases"],
        images: _Files,
        limit: int,
        mode: SearchMode,
        language: Language | None,
        collection: str,
    ) -> Hits:
        from radcite.apps.searching import SearchOptions, find

        with checked():
            options = SearchOptions(
                what=what,
                query=query,
                images=tuple(map(Path, images)),
                limit=limit,
                mode=mode,
                language=language,
                collection=collection,
            )
        return Hits(query, tuple(await find(await self.house(), options)))

    async def ingest(self, paths: _Files, collection: str, jobs: int) -> Taken:
        house = await self.house()
        await house.auditor().note("ingest", "ingest", collection=collection)
        return Taken(await house.ingestor(jobs)(tuple(map(Path, paths)), collection))

    def close(self) -> None:
        self._closed = True
        if self._loop is not None:
            self._loop.call(self._closing.aclose())
            self._loop.stop()
