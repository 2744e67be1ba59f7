"""Behind a reverse proxy that signs users in: it is believed at its own address alone."""

from collections.abc import Mapping

import httpx
import pytest

from radcite.apps.web.app import create_app
from radcite.core.settings import ServeSettings
from tests.apps.web.scene import Site

PROXY = "10.0.0.9"
NAMED = {"x-remote-user": "ann"}


def behind(site: Site, address: str, headers: Mapping[str, str]) -> httpx.AsyncClient:
    """A client at an address, of a service that trusts one proxy."""
    serve = ServeSettings(proxies=(PROXY,), proxy_header="X-Remote-User")
    house = site.desk.house
    house.settings = house.settings.model_copy(update={"serve": serve})
    transport = httpx.ASGITransport(create_app(site.desk), client=(address, 5000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers)


async def test_the_proxy_says_who_asks(guarded: Site) -> None:
    async with behind(guarded, PROXY, NAMED) as ann:
        session = (await ann.get("/api/session")).json()
        assert (session["user"]["name"], session["user"]["role"]) == ("ann", "reader")
        assert (await ann.get("/api/threads")).status_code == 200
        without = await ann.post("/api/ask", json={"text": "fluid"})
        assert (without.status_code, without.json()["code"]) == (403, "FORBIDDEN")
        token = {"x-csrf-token": session["csrf"]}
        assert (
            await ann.post("/api/ask", json={"text": "fluid"}, headers=token)
        ).status_code == 200


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("10.0.0.8", NAMED),
        ("127.0.0.1", NAMED),
        ("10.0.0.8", NAMED | {"x-forwarded-for": PROXY}),
        (PROXY, {"x-remote-user": "nobody"}),
        (PROXY, {"x-remote-user": ""}),
        (PROXY, {}),
    ],
)
async def test_nobody_else_is_believed_and_no_unknown_name_is_let_in(
    guarded: Site, address: str, headers: Mapping[str, str]
) -> None:
    async with behind(guarded, address, headers) as client:
        told = await client.get("/api/threads")
    assert (told.status_code, told.json()["code"]) == (401, "UNAUTHENTICATED")


async def test_behind_tls_the_cookie_is_for_tls_alone(guarded: Site) -> None:
    from tests.apps.web.scene import PASSWORD

    body = {"name": "ann", "password": PASSWORD}
    for address, secure in ((PROXY, True), ("10.0.0.8", False)):
        async with behind(guarded, address, {"x-forwarded-proto": "https"}) as client:
            told = await client.post("/api/session", json=body)
        assert ("Secure" in told.headers["set-cookie"]) is secure


async def test_the_address_is_the_proxys_own_word_in_one_line_or_in_two(guarded: Site) -> None:
    body = {"name": "ann", "password": "wrong"}
    codes: list[int] = []
    for number in range(8):
        async with behind(guarded, PROXY, {}) as client:
            lines = [("x-forwarded-for", f"203.0.113.{number}"), ("x-forwarded-for", "10.1.1.1")]
            body["name"] = f"ann{number}"
            codes.append((await client.post("/api/session", json=body, headers=lines)).status_code)
    assert codes[0] == 401
    assert codes[-1] == 429


async def test_a_name_that_a_client_wrote_beside_the_proxys_is_not_believed(guarded: Site) -> None:
    lines = [("x-remote-user", "adam"), ("x-remote-user", "ann")]
    async with behind(guarded, PROXY, {}) as client:
        told = await client.get("/api/threads", headers=lines)
    assert (told.status_code, told.json()["code"]) == (401, "UNAUTHENTICATED")
