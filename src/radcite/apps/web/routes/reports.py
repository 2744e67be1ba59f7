import asyncio
from functools import partial
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from radcite.apps.auditing import Auditor
from radcite.apps.reporting.export import MEDIA, ExportForm, exported
from radcite.apps.reporting.forms import chosen, laid_out, templates
from radcite.apps.reviewing import audited_change, moment, picked, report_json, with_prior
from radcite.apps.web.desk import By, Desk, TheDesk, Who, allow
from radcite.core.accounts import Identity
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.priors import Comparison
from radcite.core.report_filling import fill, lay_out
from radcite.core.review import Change, Judgement, Report, ReportStatus
from radcite.core.review_steps import amend, decide, sign

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["reports"], dependencies=[allow("ask")])
ReportId = Annotated[str, Path(max_length=64)]
Version = Annotated[int | None, Query(ge=1, le=1_000_000)]


Revision = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class StepBody(BaseModel):
    """`expects`: the `revision` of the report as it was read; a report that is another by now is left alone."""

    model_config = ConfigDict(extra="forbid")

    expects: Revision | None = None


class DecisionBody(StepBody):
    """What is decided about a finding: `words` with an edit, a `reason` with a rejection."""

    decision: Judgement
    words: str | None = Field(default=None, max_length=4_000)
    reason: str | None = Field(default=None, max_length=2_000)


class SignatureBody(BaseModel):
    """Who signs, and the `revision` they read; a user who is signed in need not be named."""

    model_config = ConfigDict(extra="forbid")

    expects: Revision
    signer: str | None = Field(default=None, max_length=200)


class AmendmentBody(StepBody):
    """Why a signed report is amended."""

    reason: str = Field(max_length=2_000)


class FormBody(StepBody):
    """Which template lays the report out; without one, the one for its images."""

    template: str | None = Field(default=None, max_length=64)


class TextBody(StepBody):
    """What a reviewer writes under a heading; empty for nothing."""

    text: str = Field(max_length=10_000)


class Waiting(Frozen):
    """A report in short: how many findings are to be decided and headings to be filled; `first` is its first words.

    `patient` is the pseudonym, `images` the digests of what was asked about: two patients' reports read alike.
    """

    report_id: str
    patient: str | None
    images: tuple[str, ...]
    created_at: str
    task: str
    title: str | None
    version: int
    status: ReportStatus
    signed: bool
    pending: int
    missing: int
    first: str

    @classmethod
    def of(cls, report: Report) -> "Waiting":
        """The line of a report."""
        return cls(
            report_id=report.report_id,
            patient=report.patient,
            images=report.images,
            created_at=report.created_at,
            task=report.task,
            title=report.form.title if report.form else None,
            version=report.version,
            status=report.status,
            signed=report.signed,
            pending=len(report.pending),
            missing=len(report.missing),
            first=report.findings[0].wording[:160],
        )


@router.get("/report-templates", summary="Templates that lay a report out")
async def report_templates() -> list[dict[str, str]]:
    """Id and title in both languages."""
    return [{"template": one.id, "en": one.en, "zh": one.zh} for one in templates()]


@router.get(
    "/review-queue", summary="What of your reports waits to be reviewed, and what is signed"
)
async def review_queue(desk: TheDesk, who: Who, by: By) -> list[Waiting]:
    """A line for the latest version of each, the newest first; reports of other users are not among them."""
    await by.read("report", detail="review queue")
    return [Waiting.of(one) for one in await desk.house.reviews.reports(who.name)]


@router.get("/reports", summary="Your reports, the newest first")
async def reports(desk: TheDesk, who: Who, by: By) -> list[dict[str, Any]]:
    """The latest version of each; reports of other users are not among them."""
    await by.read("report", detail="reports")
    return [_document(one) for one in await desk.house.reviews.reports(who.name)]


@router.get("/reports/{report}", summary="A report: its latest version, or the one asked for")
async def report(
    report: ReportId, desk: TheDesk, who: Who, by: By, version: Version = None
) -> dict[str, Any]:
    """Raises: RadciteError: `NOT_FOUND`, also for another user's report."""
    found = picked(await desk.house.reviews.versions(who.name, report), version)
    await by.of_report("read", "report", found)
    return _document(found)


@router.get("/reports/{report}/comparison", summary="Beside the patient's signed report before it")
async def comparison(
    report: ReportId, desk: TheDesk, who: Who, by: By, version: Version = None
) -> Comparison:
    """Each finding with its change, by words alone.

    Raises:
        RadciteError: `NOT_FOUND`, also where no earlier signed report of this patient is yours.
    """
    now, prior, told = await with_prior(desk.house.reviews, who.name, report, version)
    for one in (now, prior):
        await by.of_report("read", "comparison", one)
    return told


@router.put("/reports/{report}/findings/{finding}", summary="Accept, edit or reject a finding")
async def decide_finding(
    report: ReportId,
    finding: Annotated[str, Path(max_length=16)],
    body: DecisionBody,
    desk: TheDesk,
    who: Who,
    by: By,
) -> dict[str, Any]:
    """The report after it.

    Raises:
        RadciteError: `NOT_FOUND`, `REPORT_CHANGED`, or `VALIDATION`: a signed version, a decision without its words.
    """
    step = partial(
        decide, finding=finding, decision=body.decision, words=body.words, reason=body.reason
    )
    return await _changed(desk, by, report, step, body.decision, body.expects)


@router.put("/reports/{report}/form", summary="Lay a report out by a template")
async def lay_out_report(
    report: ReportId, body: FormBody, desk: TheDesk, who: Who, by: By
) -> dict[str, Any]:
    """The report with the template's headings; what was written under a heading of the same id stays.

    Raises:
        RadciteError: `NOT_FOUND`, also for the template, or `VALIDATION` for a signed version.
    """
    latest = await desk.house.reviews.report(who.name, report)
    template = body.template or chosen(latest, await _studied(desk, who, latest))
    step = partial(lay_out, form=laid_out(latest, template))
    return await _changed(desk, by, report, step, "laid out", body.expects)


@router.put("/reports/{report}/form/{heading}", summary="Write under a heading")
async def fill_heading(
    report: ReportId,
    heading: Annotated[str, Path(max_length=40)],
    body: TextBody,
    desk: TheDesk,
    who: Who,
    by: By,
) -> dict[str, Any]:
    """The report after it.

    Raises:
        RadciteError: `NOT_FOUND`, `REPORT_CHANGED`, or `VALIDATION` for a signed version or control characters.
    """
    step = partial(fill, field=heading, text=body.text)
    return await _changed(desk, by, report, step, "filled in", body.expects)


@router.post("/reports/{report}/signature", dependencies=[allow("sign")], summary="Sign a report")
async def sign_report(
    report: ReportId, body: SignatureBody, desk: TheDesk, who: Who, by: By
) -> dict[str, Any]:
    """The signed report: what was read, and nothing that came since.

    Raises:
        RadciteError: `NOT_FOUND`, `REPORT_CHANGED`, `FORBIDDEN` without the permission or under another's name, or
            `VALIDATION` for undecided findings or no name.
    """
    signer = await _signer(desk, who, body.signer)
    step = partial(sign, signer=signer, at=moment())
    signed = await audited_change(
        desk.house.reviews, by, by.actor, report, step, "signed", expects=body.expects
    )
    await desk.agent.resume(signed)
    return _document(signed)


@router.post(
    "/reports/{report}/amendment", dependencies=[allow("sign")], summary="Amend a signed report"
)
async def amend_report(
    report: ReportId, body: AmendmentBody, desk: TheDesk, who: Who, by: By
) -> dict[str, Any]:
    """A further version to decide and sign; the signed one stands until then.

    Raises:
        RadciteError: `NOT_FOUND`, `FORBIDDEN`, or `VALIDATION` for a version that is not signed.
    """
    step = partial(amend, reason=body.reason)
    return await _changed(desk, by, report, step, "amended", body.expects)


@router.get("/reports/{report}/export", response_class=Response, summary="A report as a document")
async def export_report(
    report: ReportId,
    desk: TheDesk,
    who: Who,
    by: By,
    form: ExportForm = "md",
    version: Version = None,
) -> Response:
    """The version that stands, or the draft where none is signed.

    Raises:
        RadciteError: `NOT_FOUND`, or `VALIDATION` for a version altered since it was signed.
    """
    versions = await desk.house.reviews.versions(who.name, report)
    found = picked(versions, version, stands=True)
    # PDF and SR take a while, and their libraries longer to load.
    document = await asyncio.to_thread(exported, found, form)
    await by.of_report("export", form, found)
    return Response(document, media_type=MEDIA[form], headers={"Cache-Control": "no-store"})


async def _studied(desk: Desk, who: Identity, report: Report) -> list[tuple[str, str]]:
    """Modality and body part of the user's series that hold the report's images."""
    asked = set(report.images)
    return [
        (series.modality, series.body_part)
        for record in await desk.house.conversations.studies(who.name)
        for series in record.series
        if any(image.digest in asked for image in series.images)
    ]


async def _signer(desk: Desk, who: Identity, named: str | None) -> str:
    if not await desk.login():
        return named or ""
    if named is not None and named != who.name:
        raise RadciteError("FORBIDDEN", "a user signs as themselves", "只能以本人名义签署")
    return who.name


async def _changed(
    desk: Desk, by: Auditor, report: str, step: Change, detail: str, expects: str | None
) -> dict[str, Any]:
    changed = await audited_change(
        desk.house.reviews, by, by.actor, report, step, detail, expects=expects
    )
    return _document(changed)


def _document(report: Report) -> dict[str, Any]:
    forms = list(get_args(ExportForm))
    return {"schema": "radcite.report/1", **report_json(report), "exports": forms}
