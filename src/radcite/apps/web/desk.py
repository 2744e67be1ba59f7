"""What the routes work with, and who is asking."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, cast
from weakref import WeakValueDictionary

from fastapi import Depends, Request, params

from radcite.apps.asking import Agent
from radcite.apps.auditing import Auditor
from radcite.apps.web.seen import Seen
from radcite.apps.web.throttle import Line, Throttle
from radcite.apps.web.work import Work
from radcite.apps.wiring import House
from radcite.core.accounts import Identity, Permission
from radcite.core.errors import RadciteError

if TYPE_CHECKING:
    from radcite.apps.web.metrics import Metrics

__all__ = ["By", "Desk", "TheDesk", "Who", "allow", "check_collection", "check_permission"]


@dataclass(slots=True)
class Desk:
    """One house with its agent, for as long as the service runs.

    `guarded`: requests need a user even while there is none, as beyond loopback. `seen`: who was shown which image
    or study within the hour: the first look of each is noted in the audit record.
    """

    house: House
    agent: Agent
    metrics: "Metrics"
    guarded: bool
    hosts: frozenset[str]
    asks: Throttle = field(init=False)
    uploads: Throttle = field(init=False)
    logins: Throttle = field(init=False)
    line: Line = field(init=False)
    _locks: "WeakValueDictionary[str, asyncio.Lock]" = field(
        init=False, default_factory=WeakValueDictionary[str, asyncio.Lock]
    )
    work: Work = field(init=False, default_factory=Work)
    seen: Seen = field(init=False, default_factory=Seen)

    def __post_init__(self) -> None:
        bounds = self.house.settings.serve
        self.asks = Throttle(bounds.asks_per_minute)
        self.uploads = Throttle(bounds.uploads_per_minute)
        self.logins = Throttle(20)
        self.line = Line(bounds.asks_at_once, bounds.asks_waiting)

    def alone(self, thread: str | None) -> AbstractAsyncContextManager[object]:
        """One question at a time in a thread; what has none waits for nobody. A lock goes with who last held it."""
        if thread is None:
            return nullcontext()
        return self._locks.setdefault(thread, asyncio.Lock())

    @asynccontextmanager
    async def turn(self, user: str) -> AsyncGenerator[None]:
        """A place for a call of a user's, counted.

        Raises:
            RadciteError: `RATE_LIMITED`; `TIMEOUT` when too many wait already.
        """
        self.asks.take(user)
        async with self.line.place():
            yield

    async def login(self) -> bool:
        """Whether requests need a user; if not, everybody is the local user.

        The first user closes the door at once, also where the service already runs.
        """
        return self.guarded or await self.house.accounts.exist()


def _desk(request: Request) -> Desk:
    return cast("Desk", request.app.state.desk)


def _who(request: Request) -> Identity:
    # The gate put it there; a route it did not pass has nobody.
    identity = request.scope.get("radcite.identity")
    if not isinstance(identity, Identity):
        raise RadciteError("UNAUTHENTICATED", "no user", "未登录")
    return identity


TheDesk = Annotated[Desk, Depends(_desk)]
Who = Annotated[Identity, Depends(_who)]


def _by(desk: TheDesk, who: Who) -> Auditor:
    return desk.house.auditor(who.name, "web")


By = Annotated[Auditor, Depends(_by)]


def allow(permission: Permission) -> params.Depends:
    """A dependency that lets pass who has the permission.

    Raises:
        RadciteError: `FORBIDDEN` in the request.
    """

    def check(who: Who) -> None:
        check_permission(who, permission)

    return cast("params.Depends", Depends(check))


def check_permission(who: Identity, permission: Permission) -> None:
    """Refuse who has not the permission.

    Raises:
        RadciteError: `FORBIDDEN`.
    """
    if permission not in who.permissions:
        raise RadciteError(
            "FORBIDDEN", f"needs the permission {permission}", f"需要权限 {permission}"
        )


def check_collection(who: Identity, collection: str) -> None:
    """Refuse a collection that is not among this user's.

    Raises:
        RadciteError: `FORBIDDEN`, whether it exists or not.
    """
    if not who.may_search(collection):
        raise RadciteError("FORBIDDEN", "this collection is not open to you", "您无权访问此集合")
