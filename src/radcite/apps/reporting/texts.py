"""Words that every form of a report shares, and evidence as a line of text."""

import re
from collections.abc import Iterator, Mapping

from radcite.core.claims import Citation, Evidence, ImageLocation, PageLocation
from radcite.core.errors import RadciteError
from radcite.core.priors import Change
from radcite.core.review import Decision, Finding, Report, ReportStatus, Signature
from radcite.core.sources import Case, Language, Passage, Region
from radcite.core.vault import Original
from radcite.core.written import without_controls

__all__ = [
    "COMPARED",
    "DECISIONS",
    "STATUS",
    "WORDS",
    "check_intact",
    "citation_line",
    "cited_evidence",
    "evidence_line",
    "findings_by_subject",
    "form_lines",
    "heading",
    "page_words",
    "patient_lines",
    "plain_markdown",
    "signature_line",
]

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|!~&$])")
STATUS: Mapping[ReportStatus, Mapping[Language, str]] = {
    "draft": {"en": "DRAFT, not signed", "zh": "草稿，未签署"},
    "final": {"en": "Final", "zh": "定稿"},
    "amended": {"en": "Amended", "zh": "已修订"},
}
DECISIONS: Mapping[Decision, Mapping[Language, str]] = {
    "pending": {"en": "pending", "zh": "待定"},
    "accepted": {"en": "accepted", "zh": "接受"},
    "edited": {"en": "edited", "zh": "编辑"},
    "rejected": {"en": "rejected", "zh": "拒绝"},
}
COMPARED: Mapping[Change, Mapping[Language, str]] = {
    "repeated": {"en": "as before", "zh": "同前"},
    "changed": {"en": "said otherwise before", "zh": "既往表述不同"},
    "new": {"en": "not said before", "zh": "既往未提及"},
    "not_repeated": {"en": "said before, not now", "zh": "既往提及，本次未提"},
}
WORDS: Mapping[str, Mapping[Language, str]] = {
    "report": {"en": "Report", "zh": "报告"},
    "patient": {"en": "Patient (pseudonym)", "zh": "患者（假名）"},
    "created": {"en": "Drafted", "zh": "起草"},
    "version": {"en": "Version", "zh": "版本"},
    "findings": {"en": "Findings", "zh": "所见"},
    "cases": {
        "en": "Similar cases consulted (other patients)",
        "zh": "参考的相似病例（其他患者）",
    },
    "literature": {"en": "Literature consulted", "zh": "参考的文献"},
    "drafted": {"en": "drafted as", "zh": "原草稿"},
    "reason": {"en": "reason", "zh": "理由"},
    "differential": {
        "en": "Differential (votes of similar cases)",
        "zh": "鉴别诊断（相似病例投票）",
    },
    "evidence": {"en": "Evidence", "zh": "证据"},
    "signatures": {"en": "Signatures", "zh": "签署"},
    "amendment": {"en": "Reason of the amendment", "zh": "修订理由"},
    "open": {
        "en": "this version is not signed; the version before it stands",
        "zh": "此版本未签署；以上一版本为准",
    },
    "case": {"en": "case", "zh": "病例"},
    "image": {"en": "image", "zh": "图像"},
    "pseudonymous": {
        "en": "Pseudonymous: it carries no identifier of a patient.",
        "zh": "假名化：不含患者身份标识。",
    },
    "identified": {
        "en": "It names the patient.",
        "zh": "含患者身份。",
    },
    "named_patient": {"en": "Patient", "zh": "患者"},
    "born": {"en": "born", "zh": "出生"},
    "prior": {"en": "Prior report", "zh": "既往报告"},
    "by_words": {
        "en": "Compared by words alone: what is not said again need not be gone.",
        "zh": "仅按文字比较：未再提及不等于已消失。",
    },
    "by_software": {
        "en": "Drafted by software from the cited sources.",
        "zh": "由软件依据所引来源起草。",
    },
    "required": {"en": "required, empty", "zh": "必填，尚空"},
    "altered": {"en": "ALTERED since it was signed", "zh": "签署后被改动"},
}


def heading(report: Report) -> str:
    """The status that stands, and whether this version is part of it."""
    language = report.language
    said = STATUS[report.status][language]
    if report.signatures and not report.signed:
        said += f" ({WORDS['open'][language]})"
    return said


def check_intact(report: Report) -> None:
    """Refuse to let a version out that is not what was signed.

    Raises:
        RadciteError: `VALIDATION`.
    """
    if not report.intact:
        raise RadciteError(
            "VALIDATION", "this version was altered since it was signed", "此版本在签署后被改动"
        )


def citation_line(citation: Citation, language: Language) -> str:
    """The evidence's key with the quoted words, or with what was measured."""
    place = citation.place
    if isinstance(place, ImageLocation):
        seen = place.observation
        if place.on_page is not None:
            return f"[{citation.evidence}] {page_words(place.on_page.page, language)}, {seen.value}"
        return f"[{citation.evidence}] {seen.tool} {seen.version}: {seen.value}"
    pages = ""
    if isinstance(place, PageLocation):
        numbers = sorted({box.page for box in place.boxes})
        pages = ", ".join(page_words(n, language) for n in numbers)
    return f"[{citation.evidence}] {pages}{': ' if pages else ''}“{citation.quote}”"


def page_words(page: int, language: Language) -> str:
    """A page as it is cited."""
    return f"p. {page}" if language == "en" else f"第 {page} 页"


def cited_evidence(report: Report) -> list[Evidence]:
    """The evidence that what is kept of the report cites, in order."""
    cited = {one.evidence for finding in report.kept for one in finding.citations}
    for item in report.upheld:
        cited.update(item.supporting, item.against)
    return [item for item in report.evidence if item.key in cited]


def findings_by_subject(report: Report) -> Iterator[tuple[str, list[Finding]]]:
    """What is kept under the title of what it is about: the patient's image, other patients, the literature."""
    titles = {"query_image": "findings", "case": "cases"}
    grouped: dict[str, list[Finding]] = {"findings": [], "cases": [], "literature": []}
    for finding in report.kept:
        grouped[titles.get(finding.about.partition(":")[0], "literature")].append(finding)
    for title, findings in grouped.items():
        if findings:
            yield WORDS[title][report.language], findings


def patient_lines(report: Report, original: Original | None) -> list[str]:
    """Whose report it is: the pseudonym, or who that is; and whether the document names anybody."""
    language = report.language
    if original is None:
        told = f"{WORDS['patient'][language]}: {report.patient}" if report.patient else ""
        return [told, f"{WORDS['by_software'][language]} {WORDS['pseudonymous'][language]}"]
    spoken = " ".join(original.name.split("=")[0].replace("^", " ").split())
    born = f"{WORDS['born'][language]} {original.birth_date}" if original.birth_date else ""
    who = ", ".join(filter(None, (spoken, original.patient_id, born)))
    return [
        f"{WORDS['named_patient'][language]}: {who}",
        f"{WORDS['by_software'][language]} {WORDS['identified'][language]}",
    ]


def form_lines(report: Report) -> list[tuple[str, str]]:
    """Each heading of the form under which something stands: its title, and the lines below it.

    Those are the reviewer's words and the kept findings about the asked image. Findings about cases and
    literature are not among them.
    """
    if report.form is None:
        return []
    stated = {one.id: one.wording for one in report.kept if one.about == "query_image"}
    told = [
        (
            field.title,
            [
                *(field.text or "").splitlines(),
                *(stated[one] for one in field.findings if one in stated),
            ],
        )
        for field in report.form.fields
    ]
    return [(title, "\n".join(lines)) for title, lines in told if lines]


def signature_line(signature: Signature, language: Language) -> str:
    """Which version was signed, by whom, when, and the digest of what was signed."""
    version = f"{WORDS['version'][language]} {signature.version}"
    status = STATUS["final" if signature.version == 1 else "amended"][language]
    who = f"{signature.signer}, {signature.signed_at}, SHA-256 {signature.digest}"
    return f"{version} ({status}): {who}"


def evidence_line(evidence: Evidence, language: Language) -> str:
    """What a piece of evidence is, with its identifiers."""
    source = evidence.source
    if isinstance(source, Passage):
        known = (
            source.title or source.document_id,
            str(source.year) if source.year else None,
            f"doi:{source.doi}" if source.doi else None,
            f"PMID {source.pmid}" if source.pmid else None,
            source.source_url,
        )
        return ". ".join(part for part in known if part)
    if isinstance(source, Case):
        known = (source.modality, source.body_part, source.source)
        told = f"{WORDS['case'][language]} {source.case_id}"
        return ". ".join(part for part in (told, *known) if part)
    if isinstance(source, Region):
        seen = source.observation
        return f"{WORDS['image'][language]} {source.image[:16]}: {seen.tool} {seen.version}"
    return ". ".join(
        part for part in (source.term_id, source.document_id, source.source_url) if part
    )


def plain_markdown(text: str) -> str:
    """A text on one line with nothing in it that Markdown reads as a mark."""
    return _MARKS.sub(r"\\\1", " ".join(without_controls(text).split()))
