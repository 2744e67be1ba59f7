"""Graded questions, and the report made of them."""

from collections.abc import Mapping, Sequence

from radcite.core.claims import Answer, PageLocation
from radcite.core.frozen import Frozen
from radcite.core.sentences import split_sentences
from radcite.core.sources import Passage
from radcite.evals.questions.definition import QuestionSet
from radcite.evals.questions.item import Item
from radcite.evals.questions.scoring import grade, grade_baselines
from radcite.evals.results import Provenance, Report, SampleQuote, SampleRecord, contrast, row_of
from radcite.evals.sheet import Sheet
from radcite.evals.subject import Reply

__all__ = ["MAIN_METRICS", "Asked", "asked_record", "graded_of", "report_of"]

SYSTEM, ALONE = "asked", "model alone"
_QUOTES = 4
MAIN_METRICS = ("right", "right, closed", "names held", "names held, open", "ROUGE-L", "label F1")


class Asked(Frozen):
    """One question's outcome, graded. `seconds` is what answering took, `alone` scores the model without evidence."""

    sample: SampleRecord
    scores: Mapping[str, float]
    baselines: Mapping[str, Mapping[str, float]]
    seconds: float
    tokens: int = 0
    alone: Mapping[str, float] = {}
    unit: str = ""


def asked_record(
    definition: QuestionSet, item: Item, reply: Reply, citations: Mapping[str, float]
) -> Asked:
    """Grade a reply and keep of it what a reader of the report wants to see; `citations` are scored by a judge."""
    outcome = reply.outcome
    claims = [claim.text for claim in outcome.claims] if isinstance(outcome, Answer) else []
    said, scores = grade(definition, item, claims)
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
        scores={**scores, **citations},
        baselines=grade_baselines(definition, item),
        seconds=reply.seconds,
        tokens=reply.tokens,
        alone=_alone(definition, item, reply.alone),
        unit=item.unit or item.id,
    )


def _alone(definition: QuestionSet, item: Item, said: str | None) -> Mapping[str, float]:
    if said is None:
        return {}
    return grade(definition, item, [said[slice(*span)] for span in split_sentences(said)])[1]


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
        systems = {SYSTEM: one.scores, ALONE: one.alone, **one.baselines}
        for name, scores in systems.items():
            for metric, value in scores.items():
                sheet.add(name, metric, one.sample.id, value, one.unit)
        _note_abstention(one, sheet)
        sheet.add(SYSTEM, "seconds", one.sample.id, one.seconds, one.unit)
        if one.tokens:
            sheet.add(SYSTEM, "tokens", one.sample.id, one.tokens, one.unit)
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


def _note_abstention(one: Asked, sheet: Sheet) -> None:
    """How right the answers are that were given: together with `answered`, what abstaining is worth."""
    main = next((metric for metric in MAIN_METRICS if metric in one.scores), None)
    if main is not None and one.scores["answered"]:
        sheet.add(SYSTEM, f"{main} where answered", one.sample.id, one.scores[main], one.unit)


def graded_of(scores: Mapping[str, float]) -> float:
    """The score that a set is mainly about."""
    return next((scores[metric] for metric in MAIN_METRICS if metric in scores), 0.0)
