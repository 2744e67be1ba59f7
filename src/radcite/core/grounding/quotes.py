"""Each quote stands in its source at the recorded place, and its source may speak of the subject."""

import re
from collections.abc import Mapping

from radcite.core.claims import (
    CaseLocation,
    CharLocation,
    Citation,
    Evidence,
    ImageLocation,
    figure_location,
)
from radcite.core.grounding.addressing import addressed
from radcite.core.grounding.pairing import Finding
from radcite.core.normalization import UNREADABLE, is_cjk, locate, normalize
from radcite.core.sources import Case, Passage, Region, Source, Term

__all__ = ["citation_fails", "source_text"]


def citation_fails(
    citation: Citation, about: str, evidence: Mapping[str, Evidence]
) -> Finding | None:
    """Why a citation cannot carry anything about the subject, if it cannot."""
    item = evidence.get(citation.evidence)
    if item is None:
        return Finding(f"there is no evidence {citation.evidence}")
    if isinstance(citation.place, ImageLocation):
        if citation.place.on_page is not None:
            return _figure_fails(citation.place, item.source) or _other_subject(about, item.source)
        return _measurement_fails(citation.place, about, item.source)
    return _words_missing(citation, item.source) or _other_subject(about, item.source)


def _measurement_fails(place: ImageLocation, about: str, source: Source) -> Finding | None:
    if about != "query_image":
        return Finding("a measurement of an image speaks of the asked image only")
    if place.observation.score is None:
        return Finding("the measurement's accuracy is not known")
    if not isinstance(source, Region):
        return Finding("the evidence is no image region")
    measured = (source.image, source.frame, source.box, source.observation)
    if measured != (place.image, place.frame, place.box, place.observation):
        return Finding("the measurement is not the evidence's")
    return None


def _figure_fails(place: ImageLocation, source: Source) -> Finding | None:
    if isinstance(source, Passage) and figure_location(source) == place:
        return None
    return Finding("the figure is not the evidence's")


def _other_subject(about: str, source: Source) -> Finding | None:
    if about == "query_image":
        return Finding("words of a text do not describe the asked image")
    if isinstance(source, Case):
        fits = about == f"case:{source.case_id}"
        return None if fits else Finding("words of a case speak of that case only")
    if about.startswith("case:"):
        return Finding("the words are not from that case")
    return None


def source_text(citation: Citation, source: Source) -> str | None:
    """The text in which a citation's words must stand; None where there is none."""
    if isinstance(source, Passage):
        return source.text
    if isinstance(source, Term):
        return source.quote
    if isinstance(source, Case) and isinstance(citation.place, CaseLocation):
        return _field(source, citation.place.field)
    return None


def _field(case: Case, address: str) -> str | None:
    name, _, number = address.partition(".")
    if name in ("findings", "labels"):
        items = case.findings if name == "findings" else case.labels
        return items[int(number)] if number.isdecimal() and int(number) < len(items) else None
    return {"report": case.report, "diagnosis": case.diagnosis}.get(address)


def _words_missing(citation: Citation, source: Source) -> Finding | None:
    quote = citation.quote or ""
    if UNREADABLE in quote:
        return Finding("the quoted words hold a sign that could not be read")
    text = source_text(citation, source)
    if text is None or locate(quote, text) is None:
        return Finding("the quoted words do not stand in the source")
    if addressed(quote, text):
        return Finding("the quoted words are spoken to the reader and state nothing")
    place = citation.place
    if isinstance(place, CaseLocation):
        right_owner = isinstance(source, Case) and source.case_id == place.case_id
        start = 0
    else:
        owner = getattr(source, "document_id", None)
        right_owner = owner == getattr(place, "document_id", None)
        start = source.start if isinstance(source, Passage) else 0
    if not right_owner:
        return Finding("the place is in another source")
    if isinstance(place, CharLocation | CaseLocation):
        return _misplaced(quote, text, place.start - start, place.end - start)
    return None


def _misplaced(quote: str, text: str, start: int, end: int) -> Finding | None:
    inside = 0 <= start < end <= len(text)
    if inside and normalize(text[start:end]).text == normalize(quote).text:
        return None
    return Finding("the quoted words do not stand at the recorded place")


_SIGNS = re.compile(r"[A-Za-z\u0370-\u03ff]+|\d+(?:[.,]\d+)*|[\u3400-\u4dbf\u4e00-\u9fff]")
_LEAST = 6


def is_short(quote: str) -> bool:
    """Whether a quote is too short to carry a claim alone: under 3 words or 6 Chinese characters.

    Beside Chinese characters a word or number in Latin signs counts as two of them.
    """
    if not any(map(is_cjk, quote)):
        return len(quote.split()) < _LEAST // 2
    return sum(1 if is_cjk(sign[0]) else 2 for sign in _SIGNS.findall(quote)) < _LEAST
