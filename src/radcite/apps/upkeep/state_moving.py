"""State from the data folder's SQLite files into the PostgreSQL of the settings."""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from radcite.apps.configuration import home_of
from radcite.apps.stores import STATE_FILES, audit_of, note_local
from radcite.apps.strictness import remember_strictly
from radcite.backends.state.audit import hold_audit
from radcite.backends.state.carrying import carried
from radcite.backends.state.home_lock import hold_home, hold_turn
from radcite.core.errors import DependencyDown, RadciteError
from radcite.core.frozen import Frozen
from radcite.core.settings import Settings, StateSettings

__all__ = ["MOVED", "StateMove", "move_state"]

MOVED = "state-before-postgresql"
"""The folder, in the data folder, in which the SQLite files are left."""


class StateMove(Frozen):
    """How much was moved: of the audit record its events, of the agent the threads that it remembers."""

    users: int
    conversations: int
    studies: int
    reports: int
    held_images: int
    audit_events: int
    agent_threads: int


async def move_state(settings: Settings) -> StateMove:
    """Move users, conversations, reports, held images, the audit record and the agent's threads into `state.url`.

    All of it is there at the end, or none; the SQLite files are put aside then, so that nothing goes on writing to
    them, and a command that does not know the new address stops at the audit record. Of a move that was interrupted
    while threads were copied these may stay, unused; the next one writes them anew.

    Raises:
        RadciteError: `CONFIG_INVALID` without `state.url`; `HOME_LOCKED` while another process owns the data folder;
            `NOT_FOUND` where there is no state; `VALIDATION` for a database that holds state, or where a move was
            made before.
        DependencyDown: `STATE_UNAVAILABLE`; `AUDIT_UNAVAILABLE` for a record that does not verify.
    """
    remember_strictly()
    from radcite.agent.checkpoints import carry_threads, open_checkpoints

    home, url = _places(settings)
    local = settings.model_copy(update={"state": StateSettings()})
    with ExitStack() as held:
        held.enter_context(hold_home(home))
        held.enter_context(hold_turn(home))
        await _check_audit(local)
        await note_local(local, "manage", "state move")
        async with open_checkpoints(url) as target:
            held.enter_context(hold_audit(home))
            with carried(home, STATE_FILES, url) as rows:
                threads = home / "threads.sqlite"
                remembered: list[str] = []
                if threads.is_file():
                    async with open_checkpoints(threads) as source:
                        remembered = await carry_threads(source, target)
        _put_aside(home, [*(one.path(home) for one in STATE_FILES), threads])
    return StateMove(
        users=rows.get("users", 0),
        conversations=rows.get("threads", 0),
        studies=rows.get("studies", 0),
        reports=rows.get("reports", 0),
        held_images=rows.get("held", 0),
        audit_events=rows.get("entries", 0),
        agent_threads=len(remembered),
    )


def _places(settings: Settings) -> tuple[Path, str]:
    home, url = home_of(settings), settings.state.url
    if url is None:
        raise RadciteError(
            "CONFIG_INVALID",
            "state.url names the PostgreSQL to move to (RADCITE_STATE__URL)",
            "请用 state.url（RADCITE_STATE__URL）指定目标 PostgreSQL",
        )
    if not any(one.path(home).is_file() for one in STATE_FILES):
        raise RadciteError(
            "NOT_FOUND", "there is no state in SQLite files here", "此处没有 SQLite 状态文件"
        )
    if (home / MOVED).exists():
        raise RadciteError(
            "VALIDATION",
            f"state was moved before; take the folder {MOVED} away first",
            f"此前已迁移过状态；请先移走 {MOVED} 目录",
        )
    return home, url.get_secret_value()


async def _check_audit(local: Settings) -> None:
    log = audit_of(local)
    try:
        verdict = await log.verify()
    finally:
        await log.close()
    if verdict.faults:
        raise DependencyDown(
            "AUDIT_UNAVAILABLE",
            "the audit record does not verify; see `radcite audit verify`",
            "审计记录校验未通过；请用 `radcite audit verify` 检查",
        )


def _put_aside(home: Path, paths: Iterable[Path]) -> None:
    aside = home / MOVED
    aside.mkdir(mode=0o700)
    for path in paths:
        for one in (path, *(path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm"))):
            if one.is_file():
                one.rename(aside / one.name)
