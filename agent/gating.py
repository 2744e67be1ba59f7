"""One drafted claim through the gate: put at its place in the source, and checked there."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from radcite.agent.balance import balanced
from radcite.agent.differential import condition_names, names_in
from radcite.agent.drafts import DraftCitation, DraftClaim
from radcite.agent.gloss import checked_gloss
from radcite.agent.state import Checked, Parts, State
from radcite.core.claims import (
    CaseLocation,
    CharLocation,
    Citation,
    Claim,
    Evidence,
    ImageLocation,
    PageLocation,
    Place,
    figure_location,
)
from radcite.core.framing import case_words
from radcite.core.grounding import check_claim
from radcite.core.normalization import locate
from radcite.core.sources import Case, Passage, Region, Term

__all__ = ["Showing", "checked_claim", "distinct"]

_SUBJECTS = frozenset({"query_image", "literature", "general"})


async def checked_claim(drafted: DraftClaim, state: State, parts: Parts) -> Checked:
    """The claim with its places and its support, or, where it may not be shown, why."""
    by_key = {item.key: item for item in state["evidence"]}
    citations = [await _placed(one, by_key, state, parts) for one in drafted.citations]
    found = tuple(citation for citation in citations if citation is not None)
    shown = dict.fromkeys(one for cited in found if (one := _shown_beside(cited, by_key)))
    if len(found) < len(citations):
        return f"{drafted.text} (a quote does not stand in the evidence it names)"
    claim = await check_claim(
        _claim(drafted, (*found, *shown), state), state["evidence"], parts.judge
    )
    if claim.support == "unsupported":
        return f"{claim.text} ({claim.reason})"
    return _marked(claim, by_key)


def distinct(claims: Iterable[Claim]) -> list[Claim]:
    """The claims in order, what is said twice once."""
    first: dict[str, Claim] = {}
    for claim in claims:
        first.setdefault(claim.text, claim)
    return list(first.values())


class Showing:
    """Claims to be shown as they pass the gate; what is shown stays in the answer, at the same place.

    A weak claim waits until one is supported: alone it is no answer. A claim beyond what one source may carry waits
    for one of another source, and is else told with the whole answer.

    Args:
        kept: What an earlier draft of the turn left, and is shown already.
        state: The turn.
        tell: Called with each claim that may be shown now, and its place in the answer.
    """

    def __init__(
        self, kept: Sequence[Claim], state: State, tell: Callable[[int, Claim], None]
    ) -> None:
        self._shown = list(kept)
        self._state = state
        self._told = len(self._shown)
        self._tell = tell

    def add(self, one: Checked) -> None:
        """Take in a claim that was checked."""
        if isinstance(one, str):
            return
        self._shown = distinct((*self._shown, one))
        if not self.stands:
            return
        whole = balanced(self._shown, self._state["evidence"], self._state["task"])
        while (
            self._told < len(whole) and whole[self._told].support == self._shown[self._told].support
        ):
            self._tell(self._told, whole[self._told])
            self._told += 1

    @property
    def stands(self) -> bool:
        """Whether there is an answer: a claim that is supported."""
        return any(claim.support == "supported" for claim in self._shown)


def _marked(claim: Claim, by_key: Mapping[str, Evidence]) -> Claim:
    """The claim, shown as weak where a source of it was retracted: none is cited unmarked."""
    sources = (by_key[one.evidence].source for one in claim.citations)
    if not any(isinstance(one, Passage) and one.retracted for one in sources):
        return claim
    return claim.model_copy(update={"support": "weak", "reason": "a cited source was retracted"})


def _claim(drafted: DraftClaim, citations: tuple[Citation, ...], state: State) -> Claim:
    known = drafted.about in _SUBJECTS or drafted.about.startswith("case:")
    condition = _condition(drafted, citations, state)
    # For and against what, only a condition that is named can say.
    is_open = drafted.condition == "" or condition is not None
    return Claim(
        text=drafted.text,
        about=drafted.about if known else "general",
        support="unsupported",
        part=drafted.part if drafted.part and is_open else None,
        condition=condition,
        gloss=checked_gloss(drafted.text, drafted.gloss, state["language"]),
        citations=citations,
    )


def _condition(drafted: DraftClaim, citations: Sequence[Citation], state: State) -> str | None:
    """The code of the candidate that a claim speaks of, if the claim or its quotes name it."""
    if not drafted.condition:
        return None
    said = " ".join((drafted.text, *(one.quote or "" for one in citations))).casefold()
    for item in state["votes"]:
        if drafted.condition in item.condition.display.values():
            names = condition_names(item.condition)
            named = any(names_in(said, name) for name in names)
            return item.condition.code if named else None
    return None


async def _placed(
    drafted: DraftCitation, evidence: Mapping[str, Evidence], state: State, parts: Parts
) -> Citation | None:
    """The citation with its place; None when the key is unknown or the words stand nowhere in it."""
    item = evidence.get(drafted.evidence)
    if item is None:
        return None
    if isinstance(item.source, Region):
        return _measured(item.key, item.source, drafted)
    found = await _place(item.source, drafted.quote, state, parts)
    return Citation(evidence=item.key, quote=found[0], place=found[1]) if found else None


async def _place(
    source: Passage | Case | Term, quote: str, state: State, parts: Parts
) -> tuple[str, Place] | None:
    """The words as they stand in the source, and where."""
    if isinstance(source, Case):
        return _place_in_case(source, quote)
    text, first = (source.text, source.start) if isinstance(source, Passage) else (source.quote, 0)
    span = locate(quote, text)
    if span is None:
        return None
    start, end = first + span[0], first + span[1]
    words = text[span[0] : span[1]]
    boxes = await parts.sources.boxes(state["question"].collection, source.document_id, start, end)
    if boxes:
        return words, PageLocation(document_id=source.document_id, boxes=boxes)
    return words, CharLocation(document_id=source.document_id, start=start, end=end)


def _shown_beside(cited: Citation, evidence: Mapping[str, Evidence]) -> Citation | None:
    """The figure that a quote from its caption speaks of."""
    source = evidence[cited.evidence].source
    if not isinstance(source, Passage) or source.figure is None or cited.quote is None:
        return None
    span = locate(cited.quote, source.text)
    figure, place = source.figure, figure_location(source)
    if span is None or place is None:
        return None
    start, end = source.start + span[0], source.start + span[1]
    inside = figure.start <= start and end <= figure.end
    return Citation(evidence=cited.evidence, place=place) if inside else None


def _place_in_case(case: Case, quote: str) -> tuple[str, Place] | None:
    # A whole field first: the same word may stand within a longer one.
    fields = sorted(case_words(case), key=lambda item: item[1].strip() != quote.strip())
    for field, text in fields:
        if span := locate(quote, text):
            start, end = span
            place = CaseLocation(case_id=case.case_id, field=field, start=start, end=end)
            return text[start:end], place
    return None


def _measured(key: str, region: Region, drafted: DraftCitation) -> Citation | None:
    """A measurement is cited by its own words."""
    if locate(drafted.quote, region.observation.value) is None:
        return None
    place = ImageLocation(
        image=region.image, frame=region.frame, box=region.box, observation=region.observation
    )
    return Citation(evidence=key, place=place)
