"""Run the searches at once; number what they found E1 to En."""

import asyncio
from collections.abc import Sequence

from langgraph.runtime import Runtime

from radcite.agent.differential import differential
from radcite.agent.floor import standing
from radcite.agent.state import Found, Parts, Request, State, described
from radcite.core.claims import Evidence, Retrieval
from radcite.core.errors import DependencyDown, RadciteError
from radcite.core.sources import Case, Passage, Region, Source, Term
from radcite.tools.cases import CaseRequest
from radcite.tools.hits import Hit
from radcite.tools.knowledge.relations import KnowledgeRequest, look_up, next_steps
from radcite.tools.labels import LabelRequest
from radcite.tools.literature import LiteratureRequest

__all__ = ["retrieve"]

_MOST_EVIDENCE = 16
_MORE_EVIDENCE = 8
_LEADING = 3
_REACH = 0.15
_REACH_RATIO = 4.0


async def retrieve(state: State, runtime: Runtime[Parts]) -> Found:
    """Evidence for the question, without repetitions.

    Raises:
        DependencyDown: `RETRIEVAL_UNAVAILABLE` when no search could run.
        RadciteError: `INDEX_MODEL_MISMATCH` when any search met it, or the first refusal when every one was refused.
    """
    parts, requests = runtime.context, state["requests"]
    replies = await asyncio.gather(
        *(_call(parts, request) for request in requests), return_exceptions=True
    )
    failed = [
        (request, reply)
        for request, reply in zip(requests, replies, strict=True)
        if isinstance(reply, BaseException)
    ]
    for _, error in failed:
        if not _tolerable(error) or len(failed) == len(requests):
            raise error
    found = [
        (request, _speaking(request, reply, state, parts))
        for request, reply in zip(requests, replies, strict=True)
        if not isinstance(reply, BaseException)
    ]
    found += _steps_of_candidates(found, state)
    earlier = state["searched"] if state["rounds"] > 1 else ()
    evidence = _numbered(found, state)
    return Found(
        evidence=evidence,
        votes=differential(evidence),
        searched=(*earlier, *(described(request) for request in requests)),
        degraded=tuple(
            dict.fromkeys((*state["degraded"], *(_missing(request) for request, _ in failed)))
        ),
    )


def _tolerable(error: BaseException) -> bool:
    """Whether the other searches may answer alone: what one of them refused, and not what needs mending."""
    return (
        isinstance(error, RadciteError)
        and not isinstance(error, DependencyDown)
        and error.code != "INDEX_MODEL_MISMATCH"
    )


def _missing(request: Request) -> str:
    """The part without which an answer is, whose search was refused."""
    by_image = isinstance(request, CaseRequest | LabelRequest) and request.images
    return "image_encoder" if by_image else request.tool


async def _call(parts: Parts, request: Request) -> Sequence[Hit]:
    match request:
        case CaseRequest():
            return await parts.cases(request)
        case LabelRequest():
            return await parts.labels(request) if parts.labels else ()
        case LiteratureRequest():
            return await parts.literature(request)
        case KnowledgeRequest():
            return await look_up(request)


def _steps_of_candidates(
    found: Sequence[tuple[Request, Sequence[Hit]]], state: State
) -> list[tuple[Request, Sequence[Hit]]]:
    """What sources advise to do next for the likeliest conditions of a differential."""
    votes = differential(_numbered(found, state)) if state["task"] == "diagnosis" else ()
    leading = [item.condition for item in votes[:_LEADING]]
    hits = next_steps((condition.code for condition in leading), limit=_LEADING)
    names = "; ".join(condition.display[state["language"]] for condition in leading)
    collection = state["question"].collection
    return [(KnowledgeRequest(query=names, collection=collection), hits)] if hits else []


def _alike(hits: Sequence[Hit], told: Sequence[Hit]) -> Sequence[Hit]:
    """Of cases that an image found those about as near as the nearest: in a small collection the rest is what is left.

    Args:
        hits: Cases, best first.
        told: Those of them that were found by words and reach the floor.
    """
    nearest = max((hit.cosine or 0.0 for hit in hits if hit.by_image), default=1.0)
    reach = max(_REACH, _REACH_RATIO * (1 - nearest))
    return [
        hit for hit in hits if (1 - (hit.cosine or 0.0) <= reach if hit.by_image else hit in told)
    ]


def _numbered(found: Sequence[tuple[Request, Sequence[Hit]]], state: State) -> tuple[Evidence, ...]:
    """What earlier rounds found, then the hits of all searches in turns, best first, each source once."""
    earlier = state["evidence"] if state["rounds"] > 1 else ()
    held = {_identity(item.source) for item in earlier}
    unique: dict[str, tuple[Request, Hit]] = {}
    longest = max((len(hits) for _, hits in found), default=0)
    for rank in range(longest):
        for request, hits in found:
            if rank < len(hits) and not _shows_asked_image(hits[rank], state):
                unique.setdefault(_identity(hits[rank].source), (request, hits[rank]))
    fresh = [each for identity, each in unique.items() if identity not in held]
    room = max(_MOST_EVIDENCE, len(earlier) + _MORE_EVIDENCE) if earlier else _MOST_EVIDENCE
    return earlier + tuple(
        Evidence(
            key=f"E{number}",
            source=hit.source,
            retrieval=Retrieval(
                tool=request.tool,
                query=_query(request),
                collection=state["question"].collection,
                encoder=hit.encoder,
                score=hit.score,
                rank=hit.rank,
            ),
        )
        for number, (request, hit) in enumerate(fresh[: room - len(earlier)], len(earlier) + 1)
    )


def _speaking(request: Request, hits: Sequence[Hit], state: State, parts: Parts) -> Sequence[Hit]:
    """Of a search by words what reaches the floor, of one by image what is near; the others have no floor."""
    if not isinstance(request, LiteratureRequest | CaseRequest):
        return hits
    told = [hit for hit in hits if not hit.by_image]
    told = standing(told, request.query, state["language"], parts.floors)
    return told if isinstance(request, LiteratureRequest) else _alike(hits, told)


def _shows_asked_image(hit: Hit, state: State) -> bool:
    """A stored case that holds the very image asked about is not a similar case."""
    asked = state["question"].images
    return isinstance(hit.source, Case) and any(ref.digest in asked for ref in hit.source.images)


def _identity(source: Source) -> str:
    if isinstance(source, Passage):
        return f"{source.document_id}:{source.start}:{source.end}"
    if isinstance(source, Region):
        return f"region:{source.image}:{source.observation.value}"
    return f"term:{source.term_id}" if isinstance(source, Term) else f"case:{source.case_id}"


def _query(request: Request) -> str:
    return "" if isinstance(request, LabelRequest) else request.query
