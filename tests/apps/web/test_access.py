"""Who gets in, and that nothing of one user reaches another."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi.routing import APIRoute

from radcite.apps.web.app import create_app
from radcite.apps.web.serving import serve
from radcite.core.accounts import LOCAL_USER, User
from radcite.core.errors import RadciteError
from radcite.core.settings import Settings
from tests.apps.web.scene import PASSWORD, Site, events, sent_study

OPEN = {("GET", "/"), ("GET", "/index.html"), ("GET", "/favicon.svg"), ("GET", "/health/live")}
OPEN |= {("GET", "/health/ready"), ("GET", "/api/session"), ("POST", "/api/session")}
BAD = (
    {},
    {"authorization": "Bearer rck_wrong"},
    {"authorization": "Bearer "},
    {"authorization": "Basic YW5uOmFubg=="},
    {"authorization": "garbage"},
    {"cookie": "radcite_session=wrong"},
    {"cookie": "radcite_session="},
    {"cookie": "radcite_session=\xff"},
)


def routes(site: Site) -> list[tuple[str, str]]:
    """Every method and path, parameters filled in."""
    schema = create_app(site.desk).openapi()
    listed = [
        (method.upper(), path) for path, methods in schema["paths"].items() for method in methods
    ]
    filled = {"{thread}": "0" * 32, "{study}": "0" * 32, "{digest}": "0" * 64, "{number}": "1"}
    filled |= {
        "{path}": "studies",
        "{frame}": "0",
        "{what}": "cases",
        "{report}": "0" * 32,
        "{finding}": "F1",
    }
    for mark, value in filled.items():
        listed = [(method, path.replace(mark, value)) for method, path in listed]
    return [*listed, ("GET", "/api/openapi.json"), ("GET", "/nowhere"), ("POST", "/mcp")]


async def test_every_route_but_the_open_ones_refuses_every_bad_token(guarded: Site) -> None:
    async with guarded.client() as client:
        for method, path in routes(guarded):
            if (method, path) in OPEN or path == "/api/session":
                continue
            for headers in BAD:
                raw = {name: value.encode("latin-1") for name, value in headers.items()}
                told = await client.request(method, path, headers=raw)
                assert told.status_code == 401, (method, path, headers)
                assert told.json()["code"] == "UNAUTHENTICATED"


async def test_the_sweep_knows_every_route(site: Site) -> None:
    app = create_app(site.desk)
    shown = {route.path for route in app.routes if isinstance(route, APIRoute)}
    assert {path for _, path in OPEN} - set(app.openapi()["paths"]) <= shown | {"/"}


async def test_two_users_with_two_patients_see_nothing_of_each_other(guarded: Site) -> None:
    async with guarded.signed_in("ann") as ann, guarded.signed_in("bob") as bob:
        study = await sent_study(ann, guarded.image)
        asked = {"text": "Describe this chest radiograph.", "study": study["study"]}
        told = events(await ann.post("/api/ask", json=asked))
        thread = told[0][1]["thread"]
        digest = study["series"][0]["key"]
        [report] = [data["report_id"] for name, data in told if name == "interrupt"]
        mine = [
            ("GET", f"/api/reports/{report}", None),
            ("GET", f"/api/reports/{report}/export", None),
            ("PUT", f"/api/reports/{report}/findings/F1", {"decision": "accepted"}),
            ("GET", f"/api/threads/{thread}", None),
            ("GET", f"/api/studies/{study['study']}", None),
            ("GET", f"/api/studies/{study['study']}/images/{digest}/picture", None),
            ("GET", f"/api/studies/{study['study']}/images/{digest}/frames/0", None),
            ("GET", f"/api/search/cases?study={study['study']}", None),
            (
                "GET",
                f"/api/studies/{study['study']}/images/{digest}/occlusion?case=demo-chest-121",
                None,
            ),
            ("PATCH", f"/api/threads/{thread}", {"title": "mine"}),
            ("PUT", f"/api/threads/{thread}/turns/1/feedback", {"verdict": "up"}),
            ("POST", "/api/ask", {"text": "and?", "thread": thread}),
            ("POST", "/api/ask", {"text": "and?", "study": study["study"]}),
            ("DELETE", f"/api/studies/{study['study']}", None),
            ("DELETE", f"/api/threads/{thread}", None),
        ]
        for method, path, body in mine:
            refused = await bob.request(method, path, json=body)
            assert refused.status_code == 404, (method, path, refused.text)
            assert study["patient"] not in refused.text
        assert (await bob.get("/api/threads")).json() == []
        assert (await bob.get("/api/reports")).json() == []
        assert (await bob.get("/api/studies")).json() == []
        for method, path, body in mine:
            allowed = await ann.request(method, path, json=body)
            assert allowed.status_code < 300, (method, path, allowed.text)


async def test_a_collection_is_searched_by_its_readers_alone(guarded: Site) -> None:
    async with guarded.signed_in("kim") as kim:
        told = await kim.post("/api/ask", json={"text": "pleural fluid"})
        search = await kim.get("/api/search/literature?query=fluid")
        case = await kim.get("/api/case?id=demo-chest-121")
        session = (await kim.get("/api/session")).json()
        assert {told.status_code, search.status_code, case.status_code} == {403}
        assert session["collections"] == []


async def test_a_role_and_a_scope_reach_no_further_than_they_say(guarded: Site) -> None:
    async with guarded.signed_in("ann") as ann:
        files = [("files", ("note.md", b"words"))]
        assert (await ann.post("/api/library", files=files)).status_code == 403
        assert (await ann.get("/metrics")).status_code == 403
    key = await guarded.desk.house.accounts.make_key("adam", frozenset({"metrics"}))
    async with guarded.client(headers={"authorization": f"Bearer {key}"}) as scraper:
        assert (await scraper.get("/metrics")).status_code == 200
        assert (await scraper.get("/api/threads")).status_code == 403
        assert (await scraper.post("/api/ask", json={"text": "x"})).status_code == 403


async def test_a_session_without_its_token_changes_nothing(guarded: Site) -> None:
    async with guarded.signed_in("ann") as ann:
        del ann.headers["x-csrf-token"]
        told = await ann.post("/api/ask", json={"text": "fluid"})
        assert (told.status_code, told.json()["code"]) == (403, "FORBIDDEN")
        assert (await ann.get("/api/threads")).status_code == 200


async def test_signing_out_ends_the_session(guarded: Site) -> None:
    async with guarded.signed_in("ann") as ann:
        cookie = ann.cookies["radcite_session"]
        assert (await ann.delete("/api/session")).status_code == 204
        ann.cookies.set("radcite_session", cookie, domain="127.0.0.1")
        assert (await ann.get("/api/threads")).status_code == 401


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(guarded: Site) -> None:
    async with guarded.client() as client:
        told = await client.post("/api/session", json={"name": "ann", "password": PASSWORD})
    cookie = told.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


async def test_guessing_passwords_is_slowed_down(guarded: Site) -> None:
    async with guarded.client() as client:
        codes = [
            (await client.post("/api/session", json={"name": "ann", "password": "x"})).status_code
            for _ in range(7)
        ]
    assert codes[0] == 401
    assert codes[-1] == 429


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "attacker.example"},
        {"host": "["},
        {"host": "[::1"},
        {"origin": "http://["},
        {"origin": "https://attacker.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
    ],
)
async def test_another_sites_page_gets_nothing_done_at_this_machine(
    site: Site, headers: dict[str, str]
) -> None:
    async with site.client() as client:
        told = await client.post("/api/ask", json={"text": "fluid"}, headers=headers)
    assert (told.status_code, told.json()["code"]) == (403, "FORBIDDEN")
    assert "default-src 'none'" in told.headers["content-security-policy"]


async def test_every_reply_carries_the_security_headers(site: Site) -> None:
    async with site.client() as client:
        assert (await client.head("/")).status_code in {200, 503}
        for path in ("/", "/api/session", "/nowhere", "/api/threads/none"):
            headers = (await client.get(path)).headers
            assert "default-src 'none'" in headers["content-security-policy"]
            assert "unsafe-inline" not in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cache-control"] in {"no-store", "no-cache"}


async def test_only_a_name_with_a_hash_that_is_there_is_kept_for_good(site: Site) -> None:
    async with site.client() as client:
        missing = await client.get("/assets/nothing-0000.js")
        page = await client.get("/pdfjs/nothing.mjs")
    assert [one.status_code for one in (missing, page)] == [404, 404]
    assert [one.headers["cache-control"] for one in (missing, page)] == ["no-store", "no-store"]


async def test_an_unforeseen_failure_carries_the_security_headers_too(site: Site) -> None:
    async with site.client() as client:
        await site.desk.house.reviews.close()
        told = await client.get("/api/reports/r1")
    assert (told.status_code, told.headers["cache-control"]) == (500, "no-store")
    assert "default-src 'none'" in told.headers["content-security-policy"]


async def test_a_stranger_makes_no_further_metrics(site: Site) -> None:
    async with site.client() as client:
        for method in ("BREW", "X" * 200):
            await client.request(method, "/api/session")
        told = (await client.get("/metrics")).text
    assert "BREW" not in told
    assert "XXXX" not in told
    assert 'method="other"' in told


async def test_a_stranger_sends_no_large_body_to_where_one_signs_in(guarded: Site) -> None:
    async with guarded.client() as client:
        body = {"name": "ann", "password": "x" * (65 << 10)}
        told = await client.post("/api/session", json=body)
    assert (told.status_code, told.json()["code"]) == (413, "LIMIT_EXCEEDED")


@pytest.mark.parametrize(
    "path", ["/api/threads/%00", "/api/case?id=a%00b", "/api/case?collection=%1B"]
)
async def test_control_characters_in_an_address_are_refused_at_the_door(
    site: Site, path: str
) -> None:
    async with site.client() as client:
        told = await client.get(path)
        named = await client.post("/api/session", json={"name": "a\x00", "password": "x"})
    assert [(one.status_code, one.json()["code"]) for one in (told, named)] == [
        (422, "VALIDATION")
    ] * 2


async def test_who_may_not_send_files_in_is_told_before_they_are_read(guarded: Site) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(40):
            read += 1
            yield b" " * (1 << 20)

    kind = {"content-type": "multipart/form-data; boundary=cut"}
    async with guarded.signed_in("ann") as ann:
        told = await ann.post("/api/library", content=endless(), headers=kind)
        assert (told.status_code, told.json()["code"]) == (403, "FORBIDDEN")
        guarded.desk.uploads.per_minute = 4
        body = {"files": ("a.txt", b"words")}
        codes = [
            (await ann.post("/api/studies", files=body, data={"more": "x"})).status_code
            for _ in range(2)
        ]
    assert codes == [422, 429]
    assert read <= 1


async def test_an_upload_of_many_files_is_read_up_to_the_bound(site: Site) -> None:
    files = [("files", (f"{n}.txt", b"words")) for n in range(1_200)]
    async with site.client() as client:
        serve = site.desk.house.settings.serve.model_copy(update={"upload_files": 1_100})
        site.desk.house.settings = site.desk.house.settings.model_copy(update={"serve": serve})
        for path in ("/api/studies", "/api/library"):
            beyond = await client.post(path, files=files)
            assert (beyond.status_code, beyond.json()["code"]) == (413, "LIMIT_EXCEEDED")
        # A field that there is none of: the files were counted and let in.
        within = await client.post("/api/library", files=files[:1_050], data={"more": "x"})
        assert (within.status_code, within.json()["detail"]) == (422, "more")
        paths = (await client.get("/api/openapi.json")).json()["paths"]
        form = paths["/api/library"]["post"]["requestBody"]["content"]["multipart/form-data"]
        assert set(form["schema"]["properties"]) == {"files", "collection"}
        none = await client.post("/api/library", data={"collection": "default"})
        assert (none.status_code, none.json()["code"]) == (422, "VALIDATION")


async def test_a_key_that_sends_images_in_does_not_read_the_archives_patients(
    guarded: Site,
) -> None:
    for scope, listed, fetched in (("upload", 403, 403), ("archive", 404, 403)):
        key = await guarded.desk.house.accounts.make_key("ann", frozenset({scope}))
        async with guarded.client(headers={"authorization": f"Bearer {key}"}) as client:
            # No archive is connected: who is let in learns that.
            assert (await client.get("/api/pacs/studies")).status_code == listed
            told = await client.post("/api/pacs/studies", json={"uid": "1.2.3"})
            assert told.status_code == fetched


async def test_too_large_a_body_is_refused_whether_it_says_its_length_or_not(site: Site) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * (1 << 20)

    async with site.client() as client:
        stated = await client.post(
            "/api/ask", content=b"{}", headers={"content-length": "99999999"}
        )
        chunked = await client.post(
            "/api/ask", content=endless(), headers={"content-type": "application/json"}
        )
    assert stated.status_code == 413
    assert chunked.status_code == 413


async def test_too_many_questions_are_asked_to_come_again(site: Site) -> None:
    async with site.client() as client:
        told = [await client.post("/api/ask", json={"text": "x", "thread": "none"})]
        site.desk.asks.per_minute = 4
        for _ in range(3):
            told.append(await client.get("/api/search/literature?query=fluid"))  # noqa: PERF401 - one after another
    assert told[-1].status_code == 429
    assert told[-1].headers["retry-after"]


@pytest.mark.parametrize(
    ("host", "bounds"),
    [
        ("0.0.0.0", {}),  # noqa: S104 - refused
        ("127.0.0.1", {"hosts": ("radcite.hospital.lan",)}),
        ("127.0.0.1", {"proxies": ("127.0.0.1",)}),
        ("127.0.0.1", {"proxy_header": "X-Remote-User"}),
    ],
)
async def test_where_others_reach_it_it_does_not_start_without_users(
    tmp_path: object, host: str, bounds: dict[str, object]
) -> None:
    with pytest.raises(RadciteError) as refused:
        await serve(Settings.model_validate({"home": tmp_path, "serve": bounds}), host, 8499)
    assert refused.value.code == "CONFIG_INVALID"


async def test_the_first_user_closes_the_door_while_it_runs(site: Site) -> None:
    async with site.client() as client:
        assert (await client.get("/api/threads")).status_code == 200
        await site.desk.house.accounts.add(User(name="ann", role="reader"), PASSWORD)
        assert (await client.get("/api/threads")).status_code == 401


async def test_on_loopback_without_users_everybody_is_the_local_user(site: Site) -> None:
    async with site.client() as client:
        told: httpx.Response = await client.get("/api/session")
    assert told.json()["user"]["name"] == LOCAL_USER
