from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from radcite import __version__
from radcite.apps.web.desk import Desk, TheDesk
from radcite.apps.web.gatekeeper import COOKIE
from radcite.core.accounts import Identity
from radcite.core.errors import RadciteError

__all__ = ["router"]

router = APIRouter(tags=["session"])


class SignInBody(BaseModel):
    """A name and a password."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")
    password: str = Field(max_length=1024)


@router.get("/api/session", summary="Who is asking, and what can be asked here")
async def session(request: Request, desk: TheDesk) -> dict[str, Any]:
    """`user` is null where a login is needed; `csrf` is what a browser repeats in `X-CSRF-Token`."""
    identity = request.scope.get("radcite.identity")
    return await _described(desk, identity if isinstance(identity, Identity) else None)


@router.post("/api/session", summary="Sign in")
async def sign_in(
    body: SignInBody, request: Request, response: Response, desk: TheDesk
) -> dict[str, Any]:
    """Sets the session's cookie.

    Raises:
        RadciteError: `UNAUTHENTICATED`, `RATE_LIMITED`.
        DependencyDown: `AUDIT_UNAVAILABLE`; nobody is signed in.
    """
    address = request.client.host if request.client else ""
    desk.logins.take(address)
    desk.logins.take(f"name:{body.name}")
    token, identity = await desk.house.accounts.sign_in(body.name, body.password)
    try:
        await desk.house.auditor(identity.name, "web").note("manage", "sign in")
    except RadciteError:
        await desk.house.accounts.sign_out(token)
        raise
    response.set_cookie(
        COOKIE,
        token,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        path="/",
        max_age=12 * 3600,
    )
    return await _described(desk, identity)


@router.delete("/api/session", status_code=204, summary="Sign out")
async def sign_out(request: Request, response: Response, desk: TheDesk) -> None:
    """Ends the session of the cookie."""
    identity = request.scope.get("radcite.identity")
    if isinstance(identity, Identity):
        await desk.house.auditor(identity.name, "web").note("manage", "sign out")
    if token := request.cookies.get(COOKIE):
        await desk.house.accounts.sign_out(token)
    response.delete_cookie(COOKIE, path="/")
    response.headers["Clear-Site-Data"] = '"cache"'


async def _described(desk: Desk, identity: Identity | None) -> dict[str, Any]:
    if identity is None:
        return {
            "login": True,
            "user": None,
            "csrf": None,
            "version": __version__,
            "collections": [],
        }
    ledger, collections = desk.house.ledger, []
    for record in await ledger.collections():
        if identity.may_search(record.name):
            counts = dict(await ledger.counts(record.name))
            collections.append({"name": record.name, **counts})
    llm = desk.house.settings.llm
    return {
        "login": await desk.login(),
        "user": {
            "name": identity.name,
            "role": identity.role,
            "permissions": sorted(identity.permissions),
        },
        "csrf": identity.csrf,
        "version": __version__,
        "collections": collections,
        "pacs": desk.house.settings.pacs is not None,
        "writer": llm.model if llm else "extractive",
    }
