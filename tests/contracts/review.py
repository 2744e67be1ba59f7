"""What every `ReviewStore` must do. A backend's test subclasses it and gives the store."""

from functools import partial

import pytest

from radcite.core.claims import CharLocation, Citation, Evidence, Retrieval, Safety
from radcite.core.errors import RadciteError
from radcite.core.review import Change, Finding, Report, ReviewStore
from radcite.core.review_steps import amend, decide, sign
from radcite.core.sources import Passage

__all__ = ["AT", "ReviewStoreContract", "draft"]

AT = "2026-01-02T03:04:05+00:00"
_WORDS = "Left pleural effusion.", "No pneumothorax."
_PASSAGE = Passage(
    document_id="d", title="Effusions", text=_WORDS[0], start=0, end=22, language="en"
)


def draft(report_id: str = "r1", owner: str = "ann", created_at: str = AT) -> Report:
    """Two findings that nobody has decided about."""
    found = Retrieval(
        tool="literature_search", query="q", collection="c", encoder="bm25", score=1, rank=1
    )
    place = CharLocation(document_id="d", start=0, end=22)
    cited = (Citation(evidence="E1", quote=_WORDS[0], place=place),)
    return Report(
        report_id=report_id,
        trace_id="t1",
        owner=owner,
        created_at=created_at,
        task="caption",
        language="en",
        collection="c",
        patient="P-0123456789abcdef",
        images=("0" * 64,),
        findings=tuple(
            Finding(
                id=f"F{n}", text=words, about="query_image", support="supported", citations=cited
            )
            for n, words in enumerate(_WORDS, 1)
        ),
        evidence=(Evidence(key="E1", source=_PASSAGE, retrieval=found),),
        safety=Safety(notice="Draft for a clinician's review."),
    )


_accept = partial(decide, finding="F1", decision="accepted")
_reject = partial(decide, finding="F2", decision="rejected", reason="not assessed")
_sign = partial(sign, signer="Dr Ann Lee", at=AT)
_amend = partial(amend, reason="second reading")


def _unchanged(report: Report) -> Report:
    return report


def _forge(step: Change, update: dict[str, object], report: Report) -> Report:
    return step(report).model_copy(update=update)


async def _signed(store: ReviewStore) -> Report:
    await store.add(draft())
    for step in (_accept, _reject):
        await store.change("ann", "r1", step)
    return await store.change("ann", "r1", _sign)


class ReviewStoreContract:
    @pytest.fixture
    async def store(self) -> ReviewStore:
        raise NotImplementedError

    async def test_what_was_decided_and_signed_comes_back(self, store: ReviewStore) -> None:
        signed = await _signed(store)
        assert await store.report("ann", "r1") == signed
        assert (signed.status, signed.signed, signed.intact) == ("final", True, True)
        assert [one.id for one in signed.kept] == ["F1"]

    async def test_an_amendment_leaves_the_signed_version_as_it_was(
        self, store: ReviewStore
    ) -> None:
        first = await _signed(store)
        opened = await store.change("ann", "r1", _amend)
        assert (opened.version, opened.status, opened.signed) == (2, "final", False)
        await store.change(
            "ann",
            "r1",
            partial(decide, finding="F2", decision="edited", words="No pneumothorax seen."),
        )
        second = await store.change("ann", "r1", partial(_sign, signer="Dr Bo Wu"))
        assert second.status == "amended"
        assert await store.versions("ann", "r1") == [first, second]
        assert [one.signer for one in second.signatures] == ["Dr Ann Lee", "Dr Bo Wu"]
        assert (first.intact, second.intact) == (True, True)

    async def test_a_signed_version_takes_no_decision(self, store: ReviewStore) -> None:
        signed = await _signed(store)
        for step in (_accept, _sign):
            with pytest.raises(RadciteError, match="VALIDATION"):
                await store.change("ann", "r1", step)
        assert await store.versions("ann", "r1") == [signed]

    async def test_a_change_that_is_no_step_is_refused_and_nothing_is_kept(
        self, store: ReviewStore
    ) -> None:
        signed = await _signed(store)
        forged: tuple[tuple[Change, dict[str, object]], ...] = (
            (_unchanged, {"owner": "bob"}),
            (_unchanged, {"signatures": ()}),
            (_amend, {"signatures": ()}),
            (_amend, {"evidence": ()}),
        )
        for step, update in forged:
            with pytest.raises(RadciteError, match="VALIDATION"):
                await store.change("ann", "r1", partial(_forge, step, update))
        assert await store.versions("ann", "r1") == [signed]

    async def test_a_step_from_another_revision_is_refused_and_nothing_is_kept(
        self, store: ReviewStore
    ) -> None:
        await store.add(draft())
        read = await store.report("ann", "r1")
        first = await store.change("ann", "r1", _accept, expects=read.revision)
        assert first.revision != read.revision
        with pytest.raises(RadciteError, match="REPORT_CHANGED"):
            await store.change("ann", "r1", _reject, expects=read.revision)
        assert await store.report("ann", "r1") == first
        await store.change("ann", "r1", _reject, expects=first.revision)

    async def test_to_others_a_report_does_not_exist(self, store: ReviewStore) -> None:
        await store.add(draft())
        assert await store.reports("bob") == []
        for attempt in (
            store.report("bob", "r1"),
            store.versions("bob", "r1"),
            store.change("bob", "r1", _accept),
            store.report("ann", "r2"),
        ):
            with pytest.raises(RadciteError, match="NOT_FOUND"):
                await attempt
        assert await store.report(None, "r1") == draft()

    async def test_the_newest_report_comes_first(self, store: ReviewStore) -> None:
        await store.add(draft("old"))
        await store.add(draft("new", created_at="2026-02-01T00:00:00+00:00"))
        await store.add(draft("bobs", owner="bob"))
        assert [one.report_id for one in await store.reports("ann")] == ["new", "old"]
        assert len(await store.reports(None)) == 3

    async def test_an_id_is_taken_once_and_begins_as_a_draft(self, store: ReviewStore) -> None:
        signed = await _signed(store)
        for report in (draft(), signed.model_copy(update={"report_id": "r2"})):
            with pytest.raises(RadciteError, match="VALIDATION"):
                await store.add(report)
