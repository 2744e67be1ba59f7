"""What the house asks of its engines. One contract suite each, in `tests/contracts/`."""

from radcite.core.ports.chat import ChatMessage, ChatModel, ChatPrompt, TokenCounter
from radcite.core.ports.encoders import Reranker, SparseEncoder, TermStatistics, TextEncoder
from radcite.core.ports.images import (
    ImageEncoder,
    ImageLabel,
    ImageLabeler,
    ImageReading,
    ImageStore,
)
from radcite.core.ports.index import (
    DenseName,
    Filter,
    Index,
    IndexPoint,
    Scored,
    VectorName,
    VectorQuery,
)
from radcite.core.ports.judging import Entailment, SupportJudge, Verdict
from radcite.core.ports.records import AuditLog, Tracker

__all__ = [
    "AuditLog",
    "ChatMessage",
    "ChatModel",
    "ChatPrompt",
    "DenseName",
    "Entailment",
    "Filter",
    "ImageEncoder",
    "ImageLabel",
    "ImageLabeler",
    "ImageReading",
    "ImageStore",
    "Index",
    "IndexPoint",
    "Reranker",
    "Scored",
    "SparseEncoder",
    "SupportJudge",
    "TermStatistics",
    "TextEncoder",
    "TokenCounter",
    "Tracker",
    "VectorName",
    "VectorQuery",
    "Verdict",
]
