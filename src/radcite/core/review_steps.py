"""The steps of a review: draft, decide on each finding, sign, amend; and what is no step."""

from pydantic import ValidationError

from radcite.core.claims import Answer
from radcite.core.errors import RadciteError
from radcite.core.grounding import certainty_of
from radcite.core.review import Finding, Judgement, Report, Signature, digest_of
from radcite.core.written import line_of

__all__ = ["amend", "check_open", "check_revision", "check_successor", "decide", "drafted", "sign"]


def drafted(
    answer: Answer,
    *,
    owner: str,
    collection: str,
    at: str,
    patient: str | None = None,
    images: tuple[str, ...] = (),
    thread: str | None = None,
) -> Report | None:
    """The draft an answer is; None for one that needs no review."""
    if answer.review is None:
        return None
    return Report(
        report_id=answer.review.report_id,
        trace_id=answer.trace_id,
        owner=owner,
        created_at=at,
        task=answer.task,
        language=answer.language,
        collection=collection,
        patient=patient,
        images=images,
        findings=tuple(
            Finding(
                id=f"F{number}",
                text=claim.text,
                about=claim.about,
                certainty=claim.certainty,
                support=claim.support,
                citations=claim.citations,
                heading=claim.part if answer.task == "caption" else None,
            )
            for number, claim in enumerate(answer.claims, 1)
        ),
        evidence=answer.evidence,
        differential=answer.differential,
        safety=answer.safety,
        degraded=answer.degraded,
        thread=thread,
    )


def decide(
    report: Report,
    finding: str,
    decision: Judgement,
    *,
    words: str | None = None,
    reason: str | None = None,
) -> Report:
    """Accept, edit or reject one finding of an unsigned version; a decision may be changed.

    Raises:
        RadciteError: `NOT_FOUND` for the finding; `VALIDATION` for a signed version, an edit without
            words, words without an edit, or a rejection without a reason.
    """
    words, reason = line_of(words), line_of(reason)
    check_open(report)
    known = {one.id: one for one in report.findings}
    if finding not in known:
        raise RadciteError("NOT_FOUND", "no such finding in this report", "该报告中没有此条所见")
    if (decision == "edited") != (words is not None):
        raise _invalid("an edit, and only an edit, has words", "编辑须给出文字，其他决定不得给出")
    if decision == "rejected" and reason is None:
        raise _invalid("a rejection has a reason", "拒绝须说明理由")
    if len(words or "") > 4_000 or len(reason or "") > 2_000:
        raise _invalid("words over 4,000 or a reason over 2,000 characters", "文字或理由过长")
    decided = known[finding].model_copy(
        update={
            "decision": decision,
            "edited": words,
            "reason": reason,
            "certainty": certainty_of(words or known[finding].text),
        }
    )
    findings = tuple(decided if one.id == finding else one for one in report.findings)
    return report.model_copy(update={"findings": findings})


def sign(report: Report, signer: str, at: str) -> Report:
    """The version, signed by name.

    Args:
        report: A version in which every finding is decided, and in which one is kept or a heading has words.
        signer: The name of who signs.
        at: When, UTC, ISO 8601.

    Raises:
        RadciteError: `VALIDATION`.
    """
    check_open(report)
    name = line_of(signer)
    if name is None or len(name) > 200:
        raise _invalid(
            "a report is signed by name, of 1 to 200 characters", "签署须署名（1–200 字符）"
        )
    if report.pending:
        left = ", ".join(report.pending)
        raise _invalid(f"findings not decided yet: {left}", f"尚未决定的所见：{left}")
    if report.missing:
        left = ", ".join(field.title for field in report.missing)
        raise _invalid(f"required headings are empty: {left}", f"必填栏目为空：{left}")
    if not report.kept and not report.worded:
        raise _invalid(
            "every finding was rejected and no heading has words: nothing to sign",
            "全部所见均被拒绝，且各栏均无文字，无可签署",
        )
    digest = digest_of(report, name, at)
    signature = Signature(version=report.version, signer=name, signed_at=at, digest=digest)
    return report.model_copy(update={"signatures": (*report.signatures, signature)})


def amend(report: Report, reason: str) -> Report:
    """A further version of a signed report, in which findings can be decided again.

    Raises:
        RadciteError: `VALIDATION` for a version that is not signed, or no reason.
    """
    why = line_of(reason)
    if not report.signed:
        raise _invalid(
            "only a signed report is amended; this version is open", "仅可修订已签署的报告"
        )
    if why is None or len(why) > 2_000:
        raise _invalid("an amendment has a reason of 1 to 2,000 characters", "修订须说明理由")
    return report.model_copy(update={"version": report.version + 1, "amendment": why})


def check_successor(before: Report, after: Report) -> None:
    """Refuse a change that is no step of a review, however it came about.

    Raises:
        RadciteError: `VALIDATION`.
    """
    try:
        whole = Report.model_validate(after.model_dump())
    except ValidationError as exc:
        raise _no_step() from exc
    fixed = {"version", "amendment", "findings", "form", "signatures"}
    same = before.model_dump(exclude=fixed) == whole.model_dump(exclude=fixed)
    kept = whole.signatures[: len(before.signatures)] == before.signatures
    if before.signed:
        step = whole.version == before.version + 1 and not whole.signed
    else:
        step = whole.version == before.version
    if not (same and kept and step and whole.intact):
        raise _no_step()


def check_revision(report: Report, expects: str | None) -> None:
    """Refuse to go on from a version that is not what was read; None for whatever it is.

    Raises:
        RadciteError: `REPORT_CHANGED`.
    """
    if expects is not None and report.revision != expects:
        raise RadciteError(
            "REPORT_CHANGED", "it was changed since it was read", "读取之后报告已被改动"
        )


def check_open(report: Report) -> None:
    """Refuse to change a version that is signed.

    Raises:
        RadciteError: `VALIDATION`.
    """
    if report.signed:
        raise _invalid(
            "this version is signed; `radcite report amend` opens another",
            "此版本已签署；请用 `radcite report amend` 修订",
        )


def _no_step() -> RadciteError:
    return _invalid("no step from draft to final to amended", "不符合 草稿→定稿→修订 的流程")


def _invalid(detail: str, detail_zh: str) -> RadciteError:
    return RadciteError("VALIDATION", detail, detail_zh)
