"""Held images over HTTP: whoever administers decides by name, and nobody else sees them."""

from radcite.core.phi_review import HeldImage, HeldPlace
from tests.apps.web.scene import Site

KEY = "a" * 64
HELD = HeldImage(
    key=KEY,
    places=(HeldPlace(frame=0, box=(1, 2, 30, 12), score=0.9, verdict="hold"),),
    held_at="2026-01-02T03:04:05+00:00",
)


async def test_an_administrator_decides_with_a_reason(guarded: Site) -> None:
    await guarded.desk.house.phi_reviews.hold(HELD)
    async with guarded.signed_in("adam") as adam, guarded.signed_in("sue") as sue:
        assert (await sue.get("/api/phi-holds")).status_code == 403
        assert KEY in [one["key"] for one in (await adam.get("/api/phi-holds")).json()]
        path = f"/api/phi-holds/{KEY}"
        verdict = {"decision": "rejected", "reason": "a name over the lung"}
        assert (await sue.post(path, json=verdict)).status_code == 403
        assert (await adam.post(path, json=verdict | {"reason": ""})).status_code == 422
        told = (await adam.post(path, json=verdict)).json()
        assert (told["user"], told["decision"]) == ("adam", "rejected")
        assert KEY not in [one["key"] for one in (await adam.get("/api/phi-holds")).json()]
        assert (await adam.post("/api/phi-holds/" + "b" * 64, json=verdict)).status_code == 404


async def test_a_decision_is_on_record_before_it_holds(guarded: Site) -> None:
    house, key = guarded.desk.house, "c" * 64
    await house.phi_reviews.hold(HELD.model_copy(update={"key": key}))
    verdict = {"decision": "as it is", "reason": "the name of the apparatus"}
    head = house.home / "audit.head"
    async with guarded.signed_in("adam") as adam:
        await adam.get("/api/phi-holds")
        kept = head.read_text()
        head.write_text("{}")
        refused = await adam.post(f"/api/phi-holds/{key}", json=verdict)
        assert (refused.status_code, refused.json()["code"]) == (503, "AUDIT_UNAVAILABLE")
        assert await house.phi_reviews.decision(key) is None
        head.write_text(kept)
        assert (await adam.post(f"/api/phi-holds/{key[:12]}", json=verdict)).status_code == 200
    last = [entry.event async for entry in house.audit.entries()][-1]
    assert (last.detail, last.signer) == ("phi as it is", "adam")
    assert last.subjects == (f"I-{key}",)
