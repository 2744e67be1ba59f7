"""Reports over HTTP: the chat's draft is reviewed and signed by whoever may, and by nobody else."""

import httpx
import pytest

from radcite.core.accounts import LOCAL_USER, User
from radcite.core.errors import RadciteError
from tests.apps.web.scene import PASSWORD, Site, events, sent_study


async def drafted(client: httpx.AsyncClient, site: Site) -> str:
    """The id of a caption's draft."""
    study = await sent_study(client, site.image)
    asked = {"text": "Describe this chest radiograph.", "study": study["study"]}
    told = events(await client.post("/api/ask", json=asked))
    [report] = [data["report_id"] for name, data in told if name == "interrupt"]
    return report


async def sign(client: httpx.AsyncClient, report: str, signer: str | None = None) -> httpx.Response:
    """Sign the report as it is now."""
    now = (await client.get(f"/api/reports/{report}")).json()["revision"]
    body = {"expects": now} | ({} if signer is None else {"signer": signer})
    return await client.post(f"/api/reports/{report}/signature", json=body)


async def accept_all(client: httpx.AsyncClient, report: str) -> None:
    pending = (await client.get(f"/api/reports/{report}")).json()["pending"]
    assert pending
    for finding in pending:
        path = f"/api/reports/{report}/findings/{finding}"
        assert (await client.put(path, json={"decision": "accepted"})).status_code == 200


async def test_a_draft_is_decided_signed_by_its_user_amended_and_exported(guarded: Site) -> None:
    async with guarded.signed_in("sue") as sue:
        report = await drafted(sue, guarded)
        path = f"/api/reports/{report}"
        early = await sign(sue, report)
        assert (early.status_code, early.json()["code"]) == (422, "VALIDATION")
        await accept_all(sue, report)
        foreign = await sign(sue, report, "adam")
        assert (foreign.status_code, foreign.json()["code"]) == (403, "FORBIDDEN")
        signed = (await sign(sue, report)).json()
        assert (signed["status"], signed["signatures"][0]["signer"]) == ("final", "sue")
        opened = (await sue.post(f"{path}/amendment", json={"reason": "second reading"})).json()
        assert (opened["version"], opened["status"]) == (2, "final")
        edit = {"decision": "edited", "words": "右侧少量积液。"}
        await sue.put(f"{path}/findings/F1", json=edit)
        standing = await sue.get(f"{path}/export")
        assert "右侧少量积液" not in standing.text
        await sign(sue, report, "sue")
        bundle = await sue.get(f"{path}/export?form=fhir")
        first = (await sue.get(f"{path}?version=1")).json()
    assert bundle.headers["content-type"].startswith("application/fhir+json")
    assert bundle.json()["entry"][0]["resource"]["status"] == "amended"
    assert (first["status"], first["findings"][0]["edited"]) == ("final", None)


async def test_a_reader_decides_but_does_not_sign_or_amend(guarded: Site) -> None:
    async with guarded.signed_in("ann") as ann:
        report = await drafted(ann, guarded)
        await accept_all(ann, report)
        signature = {"expects": "0" * 64}
        for step, body in (("signature", signature), ("amendment", {"reason": "x"})):
            refused = await ann.post(f"/api/reports/{report}/{step}", json=body)
            assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
        assert (await ann.get(f"/api/reports/{report}")).json()["status"] == "draft"


async def test_no_user_takes_the_name_under_which_the_local_data_is_kept(guarded: Site) -> None:
    with pytest.raises(RadciteError, match="VALIDATION"):
        await guarded.desk.house.accounts.add(User(name=LOCAL_USER, role="admin"), PASSWORD)


@pytest.mark.parametrize("nobody", [None, "  "])
async def test_on_loopback_without_users_the_signer_still_gives_a_name(
    site: Site, nobody: str | None
) -> None:
    async with site.client() as client:
        report = await drafted(client, site)
        await accept_all(client, report)
        assert (await sign(client, report, nobody)).json()["code"] == "VALIDATION"
        signed = await sign(client, report, "李安医生")
    assert signed.json()["signatures"][0]["signer"] == "李安医生"


async def test_a_template_of_the_study_lays_the_report_out_and_its_headings_are_filled(
    site: Site,
) -> None:
    async with site.client() as client:
        report = await drafted(client, site)
        path = f"/api/reports/{report}"
        known = [one["template"] for one in (await client.get("/api/report-templates")).json()]
        laid = (await client.put(f"{path}/form", json={})).json()
        assert laid["form"]["template"] == "chest-xray.v1"
        assert laid["form"]["template"] in known
        assert "impression" in laid["missing"]
        await accept_all(client, report)
        early = await sign(client, report, "李安医生")
        assert (early.status_code, early.json()["code"]) == (422, "VALIDATION")
        for heading in laid["missing"]:
            told = await client.put(f"{path}/form/{heading}", json={"text": "未见异常。"})
        assert told.json()["missing"] == []
        signed = await sign(client, report, "李安医生")
        assert signed.json()["status"] == "final"
        assert "未见异常。" in (await client.get(f"{path}/export")).text
        late = await client.put(f"{path}/form/impression", json={"text": "x"})
        assert (late.status_code, late.json()["code"]) == (422, "VALIDATION")


async def test_nobody_signs_or_changes_what_is_not_what_they_read(site: Site) -> None:
    async with site.client() as client:
        report = await drafted(client, site)
        await accept_all(client, report)
        path = f"/api/reports/{report}"
        unseen = await client.post(f"{path}/signature", json={"signer": "Dr Ann Lee"})
        assert (unseen.status_code, unseen.json()["code"]) == (422, "VALIDATION")
        read = (await client.get(path)).json()["revision"]
        other = {"decision": "edited", "words": "Large effusion.", "expects": read}
        assert (await client.put(f"{path}/findings/F1", json=other)).status_code == 200
        for step in (
            client.put(f"{path}/findings/F1", json={"decision": "accepted", "expects": read}),
            client.put(f"{path}/form", json={"expects": read}),
            client.post(f"{path}/signature", json={"signer": "Dr Ann Lee", "expects": read}),
        ):
            late = await step
            assert (late.status_code, late.json()["code"]) == (409, "REPORT_CHANGED")
        now = (await client.get(path)).json()
        assert (now["signed"], now["findings"][0]["edited"]) == (False, "Large effusion.")
        assert (await sign(client, report, "Dr Ann Lee")).json()["signed"] is True


async def test_a_report_in_the_doctors_own_words_alone_is_signed_and_its_thread_goes_on(
    site: Site,
) -> None:
    async with site.client() as client:
        report = await drafted(client, site)
        path = f"/api/reports/{report}"
        now = (await client.put(f"{path}/form", json={})).json()
        for finding in now["pending"]:
            set_aside = {"decision": "rejected", "reason": "about another patient"}
            await client.put(f"{path}/findings/{finding}", json=set_aside)
        for heading in now["missing"]:
            await client.put(f"{path}/form/{heading}", json={"text": "No abnormality."})
        signed = await sign(client, report, "Dr Ann Lee")
        assert (signed.status_code, signed.json()["status"]) == (200, "final")
        for form in signed.json()["exports"]:
            assert (await client.get(f"{path}/export?form={form}")).status_code == 200
        [thread] = (await client.get("/api/threads")).json()
        more = {"text": "How much pleural fluid is seen?", "thread": thread["thread"]}
        assert events(await client.post("/api/ask", json=more))[-1][0] == "done"
