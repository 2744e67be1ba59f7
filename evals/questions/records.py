"""Graded questions, and the report made of them."""

from collections.abc import Mapping, Sequence

from radcite.core.claims import Abstention, Answer, PageLocation
from radcite.core.frozen import Frozen
from radcite.core.sources import Passage
from radcite.evals.questions.definition import QuestionSet
from radcite.evals.questions.items import Item
from radcite.evals.questions.scoring import grade, grade_baselines
from radcite.evals.results import Provenance, Report, SampleQuote, SampleRecord, contrast, row_of
from radcite.evals.sheet import Sheet

__all__ = ["Asked", "asked_record", "report_of"]

SYSTEM = "asked"
_QUOTES = 4


class Asked(Frozen):
    """One question's outcome, graded. `seconds` is what answering took."""

    sample: SampleRecord
    scores: Mapping[str, float]
    baselines: Mapping[str, Mapping[str, float]]
    seconds: float


def asked_record(
    definition: QuestionSet, item: Item, outcome: Answer | Abstention, seconds: float
) -> Asked:
    """Grade an outcome and keep of it what a reader of the report wants to see."""
    said, scores = grade(definition, item, outcome)
    gold = "; ".join(" / ".join(names) for names in item.gold)
    if item.options:
        gold = f"{gold}: {item.options.get(gold, '')}"
        said = f"{said}: {item.options[said]}" if said in item.options else said
    sample = SampleRecord(
        id=item.id,
        question=item.question,
        gold=gold[:1000],
        said=said[:1000],
        status=outcome.kind if isinstance(outcome, Answer) else outcome.reason,
        quotes=tuple(_quotes(outcome)) if isinstance(outcome, Answer) else (),
    )
    return Asked(
        sample=sample,
        scores=scores,
        baselines=grade_baselines(definition, item),
        seconds=seconds,
    )


def _quotes(outcome: Answer) -> list[SampleQuote]:
    sources = {item.key: item.source for item in outcome.evidence}
    found: list[SampleQuote] = []
    for claim in outcome.claims[:_QUOTES]:
        citation = claim.citations[0]
        source = sources[citation.evidence]
        name = source.title or source.document_id if isinstance(source, Passage) else source.kind
        place = citation.place
        page = place.boxes[0].page if isinstance(place, PageLocation) else None
        found.append(SampleQuote(source=name, page=page, quote=(citation.quote or "")[:400]))
    return found


def report_of(
    definition: QuestionSet,
    asked: Sequence[Asked],
    provenance: Provenance,
    *,
    seed: int,
    seconds: float,
    notes: Sequence[str] = (),
) -> Report:
    """The report in the form of every task."""
    sheet = Sheet()
    for one in asked:
        for metric, value in one.scores.items():
            sheet.add(SYSTEM, metric, one.sample.id, value)
        for name, scores in one.baselines.items():
            for metric, value in scores.items():
                sheet.add(name, metric, one.sample.id, value)
        sheet.add(SYSTEM, "seconds", one.sample.id, one.seconds)
    scores = sheet.scores()
    by_name = {(each.system, each.metric): each for each in scores}
    pairs = [
        (by_name[SYSTEM, each.metric], each)
        for each in scores
        if each.system != SYSTEM and (SYSTEM, each.metric) in by_name
    ]
    return Report(
        task=definition.name,
        version=definition.version,
        unit=definition.unit,
        rows=tuple(row_of(each, (), seed) for each in scores),
        contrasts=tuple(contrast(*pair, seed) for pair in pairs),
        notes=(
            f"{definition.summary['en']}. Licence: {definition.licence}; split: {definition.split}.",
            *notes,
        ),
        provenance=provenance,
        seconds=round(seconds, 1),
        scores=scores,
        samples=tuple(one.sample for one in asked),
    )
