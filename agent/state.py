"""What travels along the graph, and what its nodes are given to work with."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, NotRequired, TypeVar, get_args

from langgraph.channels import UntrackedValue

# Before Python 3.12 pydantic, with which LangGraph shows the forms of input and output, reads no other.
from typing_extensions import TypedDict

from radcite.agent.drafts import Draft
from radcite.agent.floor import DEFAULT_FLOORS, Floors
from radcite.core.claims import Abstention, Answer, Claim, DifferentialItem, Evidence, Safety
from radcite.core.conformal import Calibration
from radcite.core.ledger import SourceReader
from radcite.core.ports import ChatModel, SparseEncoder, SupportJudge, TextEncoder, TokenCounter
from radcite.core.question import IntendedUse, Question, Task
from radcite.core.report_form import Heading
from radcite.core.sources import Language
from radcite.tools.cases import CaseRequest, CaseSearch
from radcite.tools.image_labels import ImageLabels
from radcite.tools.knowledge.relations import KnowledgeRequest
from radcite.tools.labels import LabelRequest
from radcite.tools.literature import LiteratureRequest, LiteratureSearch

__all__ = [
    "Checked",
    "Footprint",
    "Found",
    "HandedOver",
    "Headings",
    "Parts",
    "Planned",
    "Request",
    "Reviewed",
    "Started",
    "State",
    "Understood",
    "Verified",
    "Written",
    "described",
    "kept_claims",
    "waits_for_reply",
]

_Value = TypeVar("_Value")
_Passing = Annotated[_Value, UntrackedValue]
"""What a turn works with: a thread does not keep it, and its next turn makes it anew."""

Footprint = tuple[str, ...]
"""Digests of the searches, the evidence and the draft of a turn, in this order; empty until there is a draft."""
Checked = Claim | str
"""A claim that may be shown, or a drafted one with the reason why it may not."""
Request = LiteratureRequest | CaseRequest | LabelRequest | KnowledgeRequest


def described(request: Request) -> str:
    """A request in words, as the user is told what was searched."""
    images = len(request.images) if isinstance(request, CaseRequest | LabelRequest) else 0
    words = "" if isinstance(request, LabelRequest) else request.query
    return f"{request.tool} in {request.collection}: {words or f'{images} image(s)'}"


class Started(TypedDict):
    """What a turn starts from.

    `utterances`: the question and the user's reply that completed it; else nothing. `asked`: the thread's questions
    before it.
    """

    question: Question
    utterances: tuple[str, ...]
    asked: NotRequired[tuple[str, ...]]


class Understood(TypedDict):
    """What intake gives. `asked` are the thread's questions so far, this one last.

    `question`: without images of no kind that the collection holds; `strange`: whether that left none to speak of.
    `person`: whether a person must take over instead of an answer. `signing`: whether a drafted report stops the graph
    until a named person signs it; kept, so that a signature that comes later finds it.
    """

    trace_id: str
    question: Question
    asked: tuple[str, ...]
    language: Language
    task: Task
    safety: Safety
    signing: bool
    person: _Passing[bool]
    strange: _Passing[bool]
    degraded: _Passing[tuple[str, ...]]
    refused: _Passing[tuple[str, ...]]
    rewrites: _Passing[int]
    footprint: Footprint


class Planned(TypedDict):
    """What plan and look give. `rounds`: how often the searches of this turn were chosen.

    `outcome` stands where the user is asked back instead.
    """

    requests: tuple[Request, ...]
    degraded: tuple[str, ...]
    rounds: int
    outcome: NotRequired[Abstention]


class HandedOver(TypedDict):
    """What a turn leaves that gets no answer."""

    requests: tuple[Request, ...]
    rounds: int
    searched: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    draft: Draft
    checked: tuple[Checked, ...]
    differential: None
    footprint: Footprint
    outcome: Abstention


class Found(TypedDict):
    """What retrieve gives; passages of a search whose best hit is below the calibrated floor are no evidence.

    `votes`: the conditions that the similar cases among the evidence vote for, whatever the task.
    """

    searched: _Passing[tuple[str, ...]]
    evidence: _Passing[tuple[Evidence, ...]]
    votes: _Passing[tuple[DifferentialItem, ...]]
    degraded: _Passing[tuple[str, ...]]


class Written(TypedDict):
    """What write gives. `checked`: the first claims of the draft, as the gate left them while it was written.

    `differential`: of a diagnosis, the votes as the site calibrated them.
    """

    draft: _Passing[Draft]
    checked: _Passing[tuple[Checked, ...]]
    differential: _Passing[tuple[DifferentialItem, ...] | None]
    degraded: _Passing[tuple[str, ...]]
    rewrites: _Passing[int]


class Verified(TypedDict):
    """What verify gives. `refused`: the claims that failed, each with its reason."""

    refused: _Passing[tuple[str, ...]]
    checked: _Passing[tuple[Checked, ...]]
    footprint: Footprint
    outcome: Answer | Abstention


class Reviewed(TypedDict):
    """What review gives."""

    outcome: Answer | Abstention


class State(Understood, Found, Written, Verified):
    """One turn; intake clears what an earlier one left."""

    question: Question
    utterances: tuple[str, ...]
    requests: _Passing[tuple[Request, ...]]
    rounds: _Passing[int]


def waits_for_reply(state: State) -> bool:
    """Whether this turn asks the user instead of searching."""
    outcome = state.get("outcome")
    return (
        isinstance(outcome, Abstention)
        and outcome.reason == "ASKED_BACK"
        and outcome.trace_id == state["trace_id"]
    )


def kept_claims(state: State) -> tuple[Claim, ...]:
    """What the first draft of a turn left standing, while the second is written and checked."""
    outcome = state["outcome"] if state["rewrites"] else None
    return outcome.claims if isinstance(outcome, Answer) else ()


Headings = Callable[[str, str, Language], Sequence[Heading]]


def _no_headings(_modality: str, _body_part: str, _language: Language) -> Sequence[Heading]:
    return ()


@dataclass(frozen=True, slots=True)
class Parts:
    """What the nodes work with. Without `chat` the extractive writer and the rules answer.

    `rounds`: how often at most the model may choose searches in a turn.
    `headings`: of the house's report, by modality, body part and language; without, a caption has none.
    `tokens`: of the model, so that long evidence is packed to its context.
    `pictures`: of the asked images as the model is shown them; none for a model that takes no images.
    `replies`: whether the user of a thread can be asked back.
    `streaming`: whether somebody listens, so that each claim of the model is shown as soon as it was checked.
    `calibrations`: by collection, what the site calibrated its differentials to.
    `intended_use`, `tasks`: what the site may be used for, and the kinds of question it answers.
    `signing`: whether a drafted report stops the graph until a named person signs it.
    """

    literature: LiteratureSearch
    cases: CaseSearch
    sources: SourceReader
    sparse: SparseEncoder
    text: TextEncoder | None
    judge: SupportJudge
    chat: ChatModel | None = None
    labels: ImageLabels | None = None
    floors: Mapping[Language, Floors] = field(default_factory=lambda: DEFAULT_FLOORS)
    rounds: int = 1
    headings: Headings = _no_headings
    tokens: TokenCounter | None = None
    intended_use: IntendedUse = "research"
    tasks: tuple[Task, ...] = get_args(Task)
    signing: bool = False
    streaming: bool = False
    replies: bool = False
    pictures: Callable[[Sequence[str]], Awaitable[tuple[str, ...]]] | None = None
    calibrations: Mapping[str, Calibration] = field(default_factory=dict[str, Calibration])
