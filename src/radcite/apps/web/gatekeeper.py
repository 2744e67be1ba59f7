"""The one way in: host, origin, user, size, and the headers of every reply.

A path is closed unless it is listed as open; who asks is settled here, before any route runs.
"""

import re
from hmac import compare_digest
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser

from radcite.apps.web.headers import dress
from radcite.apps.web.problems import problem_response
from radcite.core.accounts import LOCAL_IDENTITY, PERMISSIONS, Identity
from radcite.core.errors import RadciteError
from radcite.core.pseudonym import pseudonym

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from radcite.apps.web.desk import Desk

__all__ = ["COOKIE", "CSRF_HEADER", "Gatekeeper"]

COOKIE = "radcite_session"
CSRF_HEADER = "x-csrf-token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN = frozenset(
    {"/", "/index.html", "/favicon.svg", "/health/live", "/health/ready", "/api/session"}
)
_OPEN_BELOW = ("/assets/", "/pdfjs/")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_BODY_BYTES = 32 << 20
_UPLOADS = frozenset({"/api/studies", "/api/library"})
# Line ends and tabs are those of a question.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SIGN_IN_BYTES = 64 << 10
_METHODS = _SAFE | {"POST", "PUT", "PATCH", "DELETE"}


class Gatekeeper:
    """Middleware around the whole application.

    Args:
        app: What is behind the gate.
        desk: Where users are known.
    """

    def __init__(self, app: "ASGIApp", desk: "Desk") -> None:
        self._app = app
        self._desk = desk

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Let a request through, or answer it with a problem."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        started, status = perf_counter(), 500

        async def dressed(message: "Message") -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                dress(MutableHeaders(scope=message), scope["path"], status)
            await send(message)

        try:
            await self._admit(scope)
        except RadciteError as error:
            await problem_response(error, path=scope["path"])(scope, receive, dressed)
        else:
            await self._app(scope, self._bounded(scope, receive), dressed)
        finally:
            self._count(scope, status, perf_counter() - started)

    async def _admit(self, scope: "Scope") -> None:
        headers = Headers(scope=scope)
        self._check_host(headers)
        _check_address(scope)
        proxied = self._proxied(scope, headers)
        identity = await self._identity(headers, proxied)
        path = scope["path"]
        is_open = path in _OPEN or path.startswith(_OPEN_BELOW)
        if identity is None and not is_open:
            raise RadciteError("UNAUTHENTICATED", "no user", "未登录")
        if scope["method"] not in _SAFE:
            _check_origin(headers)
            signing_in = path == "/api/session" and scope["method"] == "POST"
            if identity is not None and identity.csrf is not None and not signing_in:
                _check_csrf(headers, identity)
        self._check_length(headers, path)
        scope["radcite.identity"] = identity

    def _check_host(self, headers: Headers) -> None:
        # A name of the attacker's own that resolves to this machine reaches it from any browser.
        host = _host(headers)
        if host not in _LOOPBACK and host not in self._desk.hosts:
            raise RadciteError("FORBIDDEN", "unknown host name", "未知主机名")

    def _proxied(self, scope: "Scope", headers: Headers) -> bool:
        """Whether a trusted proxy sent it; then the request is what the proxy says of its client."""
        peer = scope.get("client")
        if peer is None or peer[0] not in self._desk.house.settings.serve.proxies:
            return False
        # The last one is what the proxy itself saw; whatever is before it the client may have written.
        if forwarded := _last(headers, "x-forwarded-for"):
            scope["client"] = (forwarded, 0)
        if _last(headers, "x-forwarded-proto").lower() == "https":
            scope["scheme"] = "https"
        return True

    async def _named(self, name: str) -> Identity:
        """The user a trusted proxy names.

        Raises:
            RadciteError: `UNAUTHENTICATED` for one that is not known here.
        """
        for user in await self._desk.house.accounts.users():
            if user.name == name:
                csrf = pseudonym(self._desk.house.secret, "csrf", name)
                return Identity(
                    name=user.name,
                    role=user.role,
                    permissions=PERMISSIONS[user.role],
                    collections=user.collections,
                    csrf=csrf,
                )
        raise RadciteError("UNAUTHENTICATED", "this user is not known here", "此处没有该用户")

    async def _identity(self, headers: Headers, proxied: bool) -> Identity | None:
        accounts = self._desk.house.accounts
        login = await self._desk.login()
        header = self._desk.house.settings.serve.proxy_header
        if login and proxied and header and (name := _only(headers, header)):
            return await self._named(name)
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme:
            found = await accounts.key(key.strip()) if scheme.lower() == "bearer" else None
            if found is None and login:
                raise RadciteError("UNAUTHENTICATED", "this key is not known", "密钥无效")
            return found or LOCAL_IDENTITY
        if not login:
            return LOCAL_IDENTITY
        token = cookie_parser(headers.get("cookie", "")).get(COOKIE)
        return await accounts.session(token) if token else None

    def _check_length(self, headers: Headers, path: str) -> None:
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > self._room(path):
            raise _too_large(self._room(path))

    def _room(self, path: str) -> int:
        if path in _UPLOADS:
            return self._desk.house.settings.serve.upload_mib << 20
        # Open to strangers, and read before they are slowed down.
        return _SIGN_IN_BYTES if path == "/api/session" else _BODY_BYTES

    def _bounded(self, scope: "Scope", receive: "Receive") -> "Receive":
        """The body, up to its bound: a chunked one does not say its length beforehand."""
        room = self._room(scope["path"])

        async def counted() -> "Message":
            nonlocal room
            message = await receive()
            room -= len(message.get("body", b""))
            if room < 0:
                # Whoever reads the body lets this one through, and hides any other.
                raise HTTPException(413, _too_large(self._room(scope["path"])).detail)
            return message

        return counted

    def _count(self, scope: "Scope", status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "other")
        # Whatever a stranger calls a method would be kept for good.
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._desk.metrics.requests.labels(route, method, str(status)).inc()
        self._desk.metrics.request_seconds.labels(route).observe(seconds)


def _last(headers: Headers, name: str) -> str:
    """The last value of a list that may have come as several lines."""
    return ",".join(headers.getlist(name)).rpartition(",")[2].strip()


def _only(headers: Headers, name: str) -> str | None:
    """The value of a header that a proxy sets; a second one beside it somebody else wrote.

    Raises:
        RadciteError: `UNAUTHENTICATED`.
    """
    given = headers.getlist(name)
    if len(given) > 1:
        raise RadciteError("UNAUTHENTICATED", "two users are named", "同时指明了两个用户")
    return given[0] if given else None


def _host(headers: Headers) -> str:
    """The host that is asked for; empty where it is none."""
    try:
        return urlsplit(f"//{headers.get('host', '')}").hostname or ""
    except ValueError:
        return ""


def _netloc(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def _check_address(scope: "Scope") -> None:
    """Refuse control characters in ids and names of the address, once for all of them."""
    if _CONTROL.search(scope["path"]) or _CONTROL.search(
        unquote_to_bytes(scope["query_string"]).decode("latin-1")
    ):
        raise RadciteError("VALIDATION", "control characters", "含控制字符")


def _check_origin(headers: Headers) -> None:
    """Refuse what another site's page sends from a user's browser."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    foreign = origin is not None and _netloc(origin) != headers.get("host")
    if foreign or site in {"cross-site", "same-site"}:
        raise RadciteError("FORBIDDEN", "sent by another site", "请求来自其他网站")


def _check_csrf(headers: Headers, identity: Identity) -> None:
    given, expected = headers.get(CSRF_HEADER, ""), identity.csrf or ""
    if not compare_digest(given.encode(), expected.encode()):
        raise RadciteError(
            "FORBIDDEN", f"{CSRF_HEADER} is missing or wrong", f"{CSRF_HEADER} 缺失或错误"
        )


def _too_large(room: int) -> RadciteError:
    return RadciteError("LIMIT_EXCEEDED", f"body > {room} bytes", f"请求体超过 {room} 字节")
