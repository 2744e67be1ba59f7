import asyncio
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from radcite.apps.cli.options import AsJson, Home, new_app
from radcite.apps.cli.output import console, new_file, print_json, read_file, typed_password

if TYPE_CHECKING:
    from radcite.apps.auditing import Auditor
    from radcite.core.priors import Comparison
    from radcite.core.review import Change, Judgement, Report, ReviewStore
    from radcite.core.review_statistics import Tally
    from radcite.core.vault import Original

T = TypeVar("T")
ReportId = Annotated[str, typer.Argument(metavar="REPORT", help="A report's id, as `ls` lists it.")]
Version = Annotated[int | None, typer.Option(min=1, help="A version; default: see above.")]

app = new_app("Review, sign, amend and export drafted reports. 审阅、签署、修订、导出报告。")
_JUDGEMENTS: dict[str, "Judgement"] = {
    "accept": "accepted",
    "edit": "edited",
    "reject": "rejected",
}


@app.command()
def ls(as_json: AsJson = False, home: Home = None) -> None:
    """List the reports, the newest first."""
    from radcite.apps.reporting.texts import STATUS, WORDS
    from radcite.apps.reviewing import report_json

    async def listed(reviews: "ReviewStore", by: "Auditor") -> "list[Report]":
        found = await reviews.reports(None)
        await by.read("report", detail="reports")
        return found

    reports = _with_reviews(home, "report ls", listed)
    if as_json:
        documents = [report_json(one) for one in reports]
        print_json({"schema": "radcite.reports/1", "reports": documents})
        return
    for one in reports:
        version = f"{WORDS['version'][one.language]} {one.version}"
        left = f"{len(one.findings) - len(one.pending)}/{len(one.findings)}"
        told = (one.report_id, one.created_at, one.task, STATUS[one.status][one.language], version)
        console().print("  ".join((*told, left, one.owner)), highlight=False, markup=False)


@app.command()
def show(
    report: ReportId, version: Version = None, as_json: AsJson = False, home: Home = None
) -> None:
    """Show a report with the decision about each finding; the latest version by default."""

    async def shown(reviews: "ReviewStore", by: "Auditor") -> "Report":
        found = await _picked(reviews, report, version)
        await by.of_report("read", "report", found)
        return found

    _tell(_with_reviews(home, "report show", shown), as_json=as_json)


@app.command()
def decide(
    report: ReportId,
    decision: Annotated[Literal["accept", "edit", "reject"], typer.Argument(metavar="DECISION")],
    findings: Annotated[list[str], typer.Argument(metavar="FINDING...", help="F1, F2, …")],
    text: Annotated[str | None, typer.Option(help="The words instead, for edit.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why; needed for reject.")] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Decide about findings: accept, edit or reject."""
    from radcite.core.review_steps import decide as decided

    def step(version: "Report") -> "Report":
        for finding in findings:
            version = decided(version, finding, _JUDGEMENTS[decision], words=text, reason=reason)
        return version

    _change(home, report, step, _JUDGEMENTS[decision], as_json=as_json)


@app.command()
def form(
    report: ReportId,
    template: Annotated[
        str | None,
        typer.Option(help="Such as chest-ct.v1; default: what was measured on the image."),
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Lay a report out by a template; its required headings then have to be filled before it is signed."""
    from radcite.apps.reporting.forms import chosen, laid_out
    from radcite.core.report_filling import lay_out

    def step(version: "Report") -> "Report":
        return lay_out(version, laid_out(version, template or chosen(version, ())))

    _change(home, report, step, "laid out", as_json=as_json)


@app.command()
def fill(
    report: ReportId,
    heading: Annotated[str, typer.Argument(metavar="HEADING", help="Its id, as `show` prints it.")],
    text: Annotated[str, typer.Option(help="The words; empty for none.")],
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Write under a heading of the report's form."""
    from radcite.core.report_filling import fill as filled

    step = partial(filled, field=heading, text=text)
    _change(home, report, step, "filled in", as_json=as_json)


@app.command()
def sign(
    report: ReportId,
    signer: Annotated[
        str, typer.Option(help="Who signs: a name, or the user where there are any.")
    ],
    expects: Annotated[
        str | None,
        typer.Option(
            metavar="REVISION",
            help="Sign only what was read: the revision that `show --json` gives.",
        ),
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Sign a report whose findings are all decided.

    Where the data folder has users, the signer is one with the role signer or admin, and the password is
    asked for, or read from a pipe.
    """
    from radcite.apps.asking import resume_at
    from radcite.apps.configuration import load_settings
    from radcite.apps.reviewing import audited_change, check_signer, moment
    from radcite.apps.stores import accounts_of, threads_of
    from radcite.core.review_steps import sign as signed

    async def run(reviews: "ReviewStore", by: "Auditor") -> "Report":
        await reviews.report(None, report)
        settings = load_settings({"home": home})
        accounts = accounts_of(settings)
        try:
            await check_signer(accounts, signer, typed_password)
        finally:
            await accounts.close()
        step = partial(signed, signer=signer, at=moment())
        made = await audited_change(reviews, by, None, report, step, "signed", expects=expects)
        await resume_at(threads_of(settings), made)
        return made

    _tell(_with_reviews(home, "report sign", run), as_json=as_json)


@app.command()
def amend(
    report: ReportId,
    reason: Annotated[str, typer.Option(help="Why the signed report is amended.")],
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Open a further version of a signed report; the signed one stands until that is signed."""
    from radcite.core.review_steps import amend as amended

    _change(home, report, partial(amended, reason=reason), "amended", as_json=as_json)


@app.command()
def compare(
    report: ReportId, version: Version = None, as_json: AsJson = False, home: Home = None
) -> None:
    """Compare a report with the signed report of the same patient and task before it, by their words."""
    from radcite.apps.cli.report_text import show_comparison
    from radcite.apps.reviewing import with_prior

    async def compared(
        reviews: "ReviewStore", by: "Auditor"
    ) -> "tuple[Report, Report, Comparison]":
        found = await with_prior(reviews, None, report, version)
        for one in found[:2]:
            await by.of_report("read", "comparison", one)
        return found

    now, prior, told = _with_reviews(home, "report compare", compared)
    if as_json:
        print_json({"schema": "radcite.comparison/1", **told.model_dump(mode="json")})
    else:
        show_comparison(now, prior, told)


@app.command()
def stats(as_json: AsJson = False, home: Home = None) -> None:
    """How drafts were judged: findings accepted, edited and rejected in signed reports, by task and language."""
    from radcite.apps.reviewing import all_versions
    from radcite.core.review_statistics import tallies

    async def counted(reviews: "ReviewStore", by: "Auditor") -> "tuple[Tally, ...]":
        await by.read("report", detail="report statistics")
        return tallies(await all_versions(reviews, None))

    found = _with_reviews(home, "report stats", counted)
    if as_json:
        rows = [{**one.model_dump(mode="json"), "overridden": one.overridden} for one in found]
        print_json({"schema": "radcite.report-stats/1", "tallies": rows})
        return
    for one in found:
        share = "–" if one.overridden is None else f"{one.overridden:.0%}"
        console().print(
            f"{one.task} {one.language}: {one.signed} signed / 已签署, {one.drafts} drafts / 草稿;"
            f" {one.accepted} accepted / 接受, {one.edited} edited / 编辑, {one.rejected} rejected / 拒绝;"
            f" overridden / 未照稿采纳 {share}",
            highlight=False,
        )


@app.command()
def export(
    report: ReportId,
    form: Annotated[
        Literal["md", "pdf", "fhir", "fhir-r4", "sr"],
        typer.Option("--format", help="Markdown, PDF, a FHIR R5 or R4 bundle, a DICOM SR."),
    ] = "md",
    image: Annotated[
        list[Path] | None,
        typer.Option(
            "--image", help="For sr: the asked DICOM file, whose patient and study it takes."
        ),
    ] = None,
    identified: Annotated[
        bool,
        typer.Option(
            "--identified", help="Name the patient, from the identity vault; signed reports alone."
        ),
    ] = False,
    out: Annotated[Path | None, typer.Option(help="A new file; default: standard output.")] = None,
    version: Version = None,
    home: Home = None,
) -> None:
    """Write a report as a document: the version that stands, or the draft where none is signed.

    Documents name the pseudonym and say so, but for --identified.
    """
    from radcite.apps.reporting.export import exported

    async def written(reviews: "ReviewStore", by: "Auditor") -> bytes:
        standing = await _picked(reviews, report, version, stands=True)
        original = await _identity(home, standing, by, form) if identified else None
        made = exported(standing, form, [read_file(path) for path in image or ()], original)
        await by.of_report("export", form, standing)
        return made

    document = _with_reviews(home, "report export", written)
    if out is None:
        sys.stdout.buffer.write(document)
        sys.stdout.buffer.flush()
        return
    with new_file(out) as file:
        file.write(document)


async def _identity(home: Path | None, report: "Report", by: "Auditor", form: str) -> "Original":
    from radcite.apps.configuration import home_of, load_settings
    from radcite.apps.identities import identified, vault_key
    from radcite.apps.stores import vault_of

    settings = load_settings({"home": home})
    folder = home_of(settings)
    vault = vault_of(folder)
    try:
        return await identified(report, vault, vault_key(settings, folder), by, form)
    finally:
        await vault.close()


async def _picked(
    reviews: "ReviewStore", report: str, version: int | None, *, stands: bool = False
) -> "Report":
    from radcite.apps.reviewing import picked

    return picked(await reviews.versions(None, report), version, stands=stands)


def _change(home: Path | None, report: str, step: "Change", detail: str, *, as_json: bool) -> None:
    from radcite.apps.reviewing import audited_change

    def run(reviews: "ReviewStore", by: "Auditor") -> "Awaitable[Report]":
        return audited_change(reviews, by, None, report, step, detail)

    _tell(_with_reviews(home, f"report {detail}", run), as_json=as_json)


def _tell(report: "Report", *, as_json: bool) -> None:
    from radcite.apps.cli.report_text import show_report
    from radcite.apps.reviewing import report_json

    if as_json:
        print_json({"schema": "radcite.report/1", **report_json(report)})
    else:
        show_report(report)


def _with_reviews(
    home: Path | None, detail: str, work: "Callable[[ReviewStore, Auditor], Awaitable[T]]"
) -> T:
    """Run on the reports alone: they can be reviewed while `serve` runs. Failures go on record as `detail`."""
    from radcite.apps.configuration import load_settings
    from radcite.apps.stores import local_auditor, reviews_of

    async def run() -> T:
        settings = load_settings({"home": home})
        reviews = reviews_of(settings)
        try:
            async with local_auditor(settings) as by, by.guard(detail):
                return await work(reviews, by)
        finally:
            await reviews.close()

    return asyncio.run(run())
