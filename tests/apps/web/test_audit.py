"""What users of the service are shown is on record under their name; without the record they are shown nothing."""

from collections.abc import Mapping

import httpx

from radcite.apps.web.seen import Seen
from radcite.core.audit import AuditEvent
from tests.apps.web.scene import PASSWORD, Site, events, sent_study

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
        ("manage", "sign in"),
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


async def test_what_a_user_removes_renames_and_judges_stands_there_before_it_is_done(
    guarded: Site,
) -> None:
    async with guarded.signed_in("ann") as ann:
        study = await sent_study(ann, guarded.image)
        thread = events(await ann.post("/api/ask", json=QUESTION))[0][1]["thread"]
        before = len(await recorded(guarded))
        path = f"/api/threads/{thread}"
        await ann.patch(path, json={"title": "effusion"})
        await ann.put(f"{path}/turns/1/feedback", json={"verdict": "up"})
        await ann.get("/api/review-queue")
        for gone in (path, f"/api/studies/{study['study']}"):
            assert (await ann.delete(gone)).status_code == 204
            assert (await ann.delete(gone)).status_code == 404
        await ann.delete("/api/session")
    found = (await recorded(guarded))[before:]
    assert [(one.action, one.detail) for one in found] == [
        ("manage", "rename"),
        ("manage", "feedback"),
        ("read", "review queue"),
        ("remove", "thread"),
        ("failure", "DELETE /api/threads/{thread}"),
        ("remove", "study"),
        ("failure", "DELETE /api/studies/{study}"),
        ("manage", "sign out"),
    ]
    assert found[0].subjects == found[3].subjects
    assert found[5].patient == study["patient"]


async def test_nobody_is_signed_in_whose_sign_in_cannot_be_noted(guarded: Site) -> None:
    head = guarded.desk.house.home / "audit.head"
    async with guarded.signed_in("ann") as ann:
        assert (await ann.get("/api/threads")).status_code == 200
        head.write_text("{}")
        try:
            async with guarded.client() as other:
                body = {"name": "bob", "password": PASSWORD}
                told = await other.post("/api/session", json=body)
                assert (told.status_code, "set-cookie" in told.headers) == (503, False)
        finally:
            for path in guarded.desk.house.home.glob("audit.*"):
                path.unlink()


def test_a_look_is_told_again_after_an_hour_and_what_is_old_is_let_go() -> None:
    clock = [0.0]
    seen = Seen(lambda: clock[0])
    seen.add("ann", "image")
    assert seen.lately("ann", "image")
    assert not seen.lately("bob", "image")
    clock[0] = 3599.0
    assert seen.lately("ann", "image")
    clock[0] = 3600.0
    assert not seen.lately("ann", "image")
    seen.add("ann", "another")
    assert len(seen) == 1


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
