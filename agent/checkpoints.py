"""Threads that survive a restart: LangGraph's savers under an allow-list of types."""

import os
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import cast

from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from radcite.core.errors import DependencyDown, RadciteError
from radcite.core.question import Question
from radcite.core.traces import Remembered

__all__ = [
    "STRICT_VARIABLE",
    "carry_threads",
    "drop_threads",
    "find_threads",
    "open_checkpoints",
    "threads_before",
]

STRICT_VARIABLE = "LANGGRAPH_STRICT_MSGPACK"
_TYPES = {
    "radcite.agent.drafts": ("Draft", "DraftCitation", "DraftClaim"),
    "radcite.core.claims": (
        "Abstention",
        "Answer",
        "CaseLocation",
        "CharLocation",
        "Citation",
        "Claim",
        "Condition",
        "DifferentialItem",
        "Evidence",
        "ImageLocation",
        "PageLocation",
        "Retrieval",
        "ReviewState",
        "Safety",
    ),
    "radcite.core.question": ("Question",),
    "radcite.core.sources": (
        "Case",
        "Figure",
        "ImageRef",
        "Observation",
        "PageBox",
        "Passage",
        "Region",
        "Term",
    ),
    "radcite.tools.cases": ("CaseRequest",),
    "radcite.tools.knowledge.relations": ("KnowledgeRequest",),
    "radcite.tools.labels": ("LabelRequest",),
    "radcite.tools.literature": ("LiteratureRequest",),
}


@asynccontextmanager
async def open_checkpoints(where: Path | str) -> AsyncGenerator[BaseCheckpointSaver[str]]:
    """The checkpoints in a SQLite file, or at the address of a PostgreSQL database.

    Raises:
        DependencyDown: `STATE_UNAVAILABLE` when the database does not answer.
        RadciteError: `CONFIG_INVALID` unless strict msgpack was set before LangGraph was imported:
            without it an edited row could name any class to be built.
    """
    if os.environ.get(STRICT_VARIABLE, "").lower() != "true":
        raise RadciteError("CONFIG_INVALID", f"{STRICT_VARIABLE}=true must be set at start")
    allowed = [(module, name) for module, names in _TYPES.items() for name in names]
    serde = JsonPlusSerializer(allowed_msgpack_modules=allowed)
    if isinstance(where, str):
        async with _postgres(where, serde) as saver:
            yield saver
        return
    async with AsyncSqliteSaver.from_conn_string(str(where)) as saver:
        saver.serde = serde
        yield saver


@asynccontextmanager
async def _postgres(
    url: str, serde: JsonPlusSerializer
) -> AsyncGenerator[BaseCheckpointSaver[str]]:
    try:
        from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
        from psycopg import AsyncConnection, OperationalError
        from psycopg.rows import DictRow, dict_row
        from psycopg_pool import AsyncConnectionPool
    except ImportError as exc:
        raise RadciteError(
            "MISSING_EXTRA",
            "state in PostgreSQL needs psycopg: install the extra `postgres`",
            "PostgreSQL 状态库需要 psycopg：请安装组件 `postgres`",
        ) from exc
    options = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    # A pool opens a lost connection anew.
    async with AsyncExitStack() as closing:
        try:
            pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
                url, min_size=1, max_size=4, timeout=10, kwargs=options, open=False
            )
            await closing.enter_async_context(pool)
            saver = AsyncPostgresSaver(pool, serde=serde)
            await saver.setup()
        except OperationalError as exc:
            raise DependencyDown(
                "STATE_UNAVAILABLE", "PostgreSQL does not answer", "PostgreSQL 无响应"
            ) from exc
        yield saver


async def find_threads(
    saver: BaseCheckpointSaver[str], speaks_of: Callable[[object], bool]
) -> Remembered:
    """The threads in whose states something is spoken of, and the images that no other thread asks about.

    A thread is remembered as a whole: its later states repeat the earlier ones.
    """
    found: dict[str, None] = {}
    shown: dict[str, set[str]] = defaultdict(set)
    async for one in saver.alist(None):
        thread = _thread(one)
        states = [one.checkpoint.get("channel_values"), one.pending_writes]
        shown[thread].update(_images_in(states))
        if thread not in found and speaks_of(states):
            found[thread] = None
    theirs = {image for thread in found for image in shown[thread]}
    others = {image for thread, images in shown.items() if thread not in found for image in images}
    return Remembered(threads=tuple(found), images=frozenset(theirs - others))


async def threads_before(saver: BaseCheckpointSaver[str], time: str) -> tuple[str, ...]:
    """The threads whose last turn was before a time (UTC, ISO 8601)."""
    last: dict[str, str] = {}
    async for one in saver.alist(None):
        thread = _thread(one)
        last[thread] = max(last.get(thread, ""), one.checkpoint["ts"])
    return tuple(thread for thread, at in last.items() if at < time)


async def drop_threads(saver: BaseCheckpointSaver[str], threads: Iterable[str]) -> None:
    """Drop what the agent remembers of threads; no byte of it is left in a file."""
    for thread in threads:
        await saver.adelete_thread(thread)
    if isinstance(saver, AsyncSqliteSaver):
        await saver.conn.execute("VACUUM")
        await saver.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def carry_threads(
    source: BaseCheckpointSaver[str], target: BaseCheckpointSaver[str]
) -> list[str]:
    """Copy what the agent remembers of each thread, waiting drafts too, into another store; their ids.

    What an interrupted copy left of these threads is written anew.

    Raises:
        RadciteError: `VALIDATION` where the target remembers a thread that the source does not; nothing is written.
    """
    begun = {_thread(one) async for one in target.alist(None)}
    if begun:
        if begun - {_thread(one) async for one in source.alist(None)}:
            raise RadciteError(
                "VALIDATION", "the target holds other threads", "目标库中已有其他会话"
            )
        for thread in begun:
            await target.adelete_thread(thread)
    carried: dict[str, None] = {}
    async for one in source.alist(None):
        await _carry(one, target)
        carried[_thread(one)] = None
    return list(carried)


def _images_in(states: object) -> Iterator[str]:
    """The images of the questions in some states."""
    if isinstance(states, Question):
        yield from states.images
    elif isinstance(states, Mapping):
        yield from _images_in(list(cast("Mapping[object, object]", states).values()))
    elif isinstance(states, list | tuple):
        for each in cast("Sequence[object]", states):
            yield from _images_in(each)


def _thread(one: CheckpointTuple) -> str:
    return str(one.config.get("configurable", {}).get("thread_id", ""))


async def _carry(one: CheckpointTuple, target: BaseCheckpointSaver[str]) -> None:
    place = one.config.get("configurable", {})
    before = one.parent_config.get("configurable", {}) if one.parent_config else {}
    parent = {**place, "checkpoint_id": before.get("checkpoint_id")}
    versions = one.checkpoint["channel_versions"]
    await target.aput({"configurable": parent}, one.checkpoint, one.metadata, versions)
    writes: dict[str, list[tuple[str, object]]] = {}
    for task, channel, value in one.pending_writes or ():
        writes.setdefault(task, []).append((channel, value))
    for task, written in writes.items():
        await target.aput_writes(one.config, written, task)
