"""radcite for LlamaIndex: a retriever of passages, and a query engine whose answers are checked."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import Response
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from radcite.core.question import TaskChoice
from radcite.core.sources import Case, Language, Passage
from radcite.tools.hybrid import SearchMode

if TYPE_CHECKING:
    from radcite.apps.facade import Radcite
    from radcite.apps.replies import Hits, Reply

__all__ = ["CitedQueryEngine", "LiteratureRetriever"]


class LiteratureRetriever(BaseRetriever):
    """Passages nearest in meaning and words; a node's metadata say where its words stand."""

    def __init__(
        self,
        radcite: "Radcite",
        limit: int,
        mode: SearchMode,
        language: Language | None,
        collection: str,
    ) -> None:
        super().__init__()
        self._radcite = radcite
        self._options: dict[str, Any] = {
            "limit": limit,
            "mode": mode,
            "language": language,
            "collection": collection,
        }

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return _nodes(self._radcite.search(query_bundle.query_str, **self._options))

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return _nodes(await self._radcite.asearch(query_bundle.query_str, **self._options))


class CitedQueryEngine(BaseQueryEngine):
    """`Radcite.ask` under LlamaIndex's interface; an abstention is a response without source nodes."""

    def __init__(self, radcite: "Radcite", task: TaskChoice, collection: str) -> None:
        super().__init__(callback_manager=None)
        self._radcite = radcite
        self._task: TaskChoice = task
        self._collection = collection

    def _query(self, query_bundle: QueryBundle) -> Response:
        asked = query_bundle.query_str
        reply = self._radcite.ask(asked, task=self._task, collection=self._collection)
        return _response(reply)

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        asked = query_bundle.query_str
        reply = await self._radcite.aask(asked, task=self._task, collection=self._collection)
        return _response(reply)

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}


def _nodes(hits: "Hits") -> list[NodeWithScore]:
    return [NodeWithScore(node=_node(hit.source), score=hit.score) for hit in hits]


def _response(reply: "Reply") -> Response:
    nodes = [
        NodeWithScore(node=_node(item.source), score=item.retrieval.score)
        for item in reply.works
        if isinstance(item.source, (Passage, Case))
    ]
    return Response(response=str(reply), source_nodes=nodes, metadata={"outcome": reply.to_dict()})


def _node(source: object) -> TextNode:
    if isinstance(source, Passage):
        known = ("document_id", "title", "page", "start", "end", "language", "doi", "pmid", "year")
        metadata = _metadata(source, (*known, "licence", "source_url"))
        return TextNode(
            id_=f"{source.document_id}:{source.start}-{source.end}",
            text=source.text,
            metadata=metadata,
            excluded_llm_metadata_keys=list(metadata),
            excluded_embed_metadata_keys=list(metadata),
        )
    if isinstance(source, Case):
        metadata = _metadata(source, ("case_id", "modality", "body_part", "diagnosis", "language"))
        return TextNode(id_=source.case_id, text=source.searched_text(), metadata=metadata)
    raise TypeError(f"{type(source).__name__} has no words")


def _metadata(source: Passage | Case, names: Sequence[str]) -> dict[str, Any]:
    values = source.model_dump(mode="json", include=set(names))
    return {name: value for name, value in values.items() if value is not None}
