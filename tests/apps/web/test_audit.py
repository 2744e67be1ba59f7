"""What users of the service are shown is on record under their name; without the record they are shown nothing."""

from collections.abc import Mapping

import httpx

from radcite.core.audit import AuditEvent
from tests.apps.web.scene import Site, events, sent_study

QUESTION = {"text": "How much pleural fluid blunts the costophrenic angle?"}


async def recorded(site: Site) -> list[AuditEvent]:
    return [entry.event async for entry in site.desk.house.audit.entries()]


async def shown(client: httpx.AsyncClient, site: Site) -> Mapping[str, int]:
    """The status of every path that shows something, once a question with an image was asked."""
    study = await sent_study(client, site.image)
    digest = study["series"][0]["key"]
    asked = {"text": "Describe this chest radiograph.", "study": study["study"]}
    told = events(await client.post("/api/ask", json=asked))
    thread = told[0][1]["thread"]
    paths = (
        "/api/reports",
        f"/api/threads/{thread}",
        f"/api/studies/{study['study']}",
        f"/api/studies/{study['study']}/images/{digest}/picture",
        f"/api/studies/{study['study']}/images/{digest}/frames/0",
        "/api/search/literature?query=fluid",
        "/api/case?id=demo-chest-121",
        "/api/case/picture?id=demo-chest-121",
        "/api/teaching/case",
    )
    return {path: (await client.get(path)).status_code for path in paths}


async def test_what_a_user_is_shown_stands_under_their_name(guarded: Site) -> None:
    before = len(await recorded(guarded))
    async with guarded.signed_in("ann") as ann:
        statuses = await shown(ann, guarded)
        await ann.get("/api/reports/unknown")
        assert (await ann.get("/metrics")).status_code == 403
    async with guarded.client() as client:
        await client.post("/api/session", json={"name": "ann", "password": "wrong"})
    found = (await recorded(guarded))[before:]
    assert set(statuses.values()) == {200}
    assert {(one.actor, one.channel) for one in found} == {("ann", "web"), ("-", "web")}
    told = [(one.action, one.detail) for one in found]
    assert told == [
        ("search", "ask"),
        ("answer", "caption answer"),
        ("read", "reports"),
        ("read", "thread"),
        ("read", "study"),
        ("read", "image"),
        ("search", "literature_search"),
        ("read", "case"),
        ("read", "case"),
        ("read", "teaching"),
        ("failure", "GET /api/reports/{report}"),
        ("failure", "GET /metrics"),
        ("failure", "POST /api/session"),
    ]
    assert [one.code for one in found[-3:]] == ["NOT_FOUND", "FORBIDDEN", "UNAUTHENTICATED"]


async def test_without_the_record_nothing_is_shown(site: Site) -> None:
    async with site.client() as client:
        study = await sent_study(client, site.image)
        assert (await client.get("/api/reports")).status_code == 200
        (site.desk.house.home / "audit.head").write_text("{}")
        try:
            told = events(await client.post("/api/ask", json=QUESTION))
            digest = study["series"][0]["key"]
            paths = (
                "/api/reports",
                "/api/search/literature?query=fluid",
                "/api/case?id=demo-chest-121",
                f"/api/studies/{study['study']}",
                f"/api/studies/{study['study']}/images/{digest}/picture",
            )
            replies = [await client.get(path) for path in paths]
            missing = await client.get("/api/reports/unknown")
            ready = await client.get("/health/ready")
        finally:
            for path in site.desk.house.home.glob("audit.*"):
                path.unlink()
    assert {name for name, _ in told} <= {"thread", "step", "safety", "error"}
    assert told[-1][1]["code"] == "AUDIT_UNAVAILABLE"
    for reply in (*replies, missing):
        assert (reply.status_code, reply.json()["code"]) == (503, "AUDIT_UNAVAILABLE")
    assert (ready.status_code, ready.json()["dependencies"]["audit"]) == (503, "AUDIT_UNAVAILABLE")


async def test_an_unforeseen_failure_is_on_record_and_says_no_more_than_its_kind(
    site: Site,
) -> None:
    async with site.client() as client:
        await site.desk.house.reviews.close()
        reply = await client.get("/api/reports/r1")
    assert reply.json()["code"] == "INTERNAL"
    last = (await recorded(site))[-1]
    assert (last.action, last.code) == ("failure", "INTERNAL")
