"""An answer as running text with links, for interfaces that know nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote, urlencode

from radcite.apps.web.events import Event

__all__ = ["Said", "completion_pieces"]

Json = dict[str, Any]


@dataclass(slots=True)
class Said:
    """What was written so far, and where its links stand in it, in code points.

    `base` is the service's address, for links to sources that have none of their own.
    """

    base: str
    collection: str
    length: int = 0
    annotations: list[Json] = field(default_factory=list[Json])
    evidence: dict[str, Json] = field(default_factory=dict[str, Json])
    outcome: Json | None = None
    problem: Json | None = None


def completion_pieces(event: Event, said: Said) -> Iterator[str]:
    """The text that an event adds, in pieces."""
    data = cast("Json", event.data)
    match event.name:
        case "safety":
            for advice in data["red_flags"]:
                yield _said(said, f"⚠ {advice}\n\n")
            yield _said(said, f"{data['notice']}\n\n")
        case "evidence":
            said.evidence[data["key"]] = data["source"]
        case "claim":
            yield from _claim(said, data["claim"])
        case "done":
            said.outcome = data["outcome"]
            if data["outcome"]["kind"] == "abstention":
                yield _said(said, _abstention(data["outcome"]))
        case "error":
            said.problem = data
        case _:
            return


def _said(said: Said, text: str) -> str:
    said.length += len(text)
    return text


def _claim(said: Said, claim: Json) -> Iterator[str]:
    mark = "" if claim["support"] == "supported" else f" ({claim['support']})"
    yield _said(said, claim["text"] + mark)
    for citation in claim["citations"]:
        key = citation["evidence"]
        title, url = _source(said, key, citation)
        yield _said(said, " ")
        start = said.length
        yield _said(said, f"[{key}]({url})")
        said.annotations.append(
            {
                "type": "url_citation",
                "url_citation": {
                    "start_index": start,
                    "end_index": said.length,
                    "title": title,
                    "url": url,
                },
            }
        )
    yield _said(said, "\n\n")


def _source(said: Said, key: str, citation: Json) -> tuple[str, str]:
    source, place = said.evidence.get(key, {}), citation["place"]
    at = {"collection": said.collection}
    if source.get("kind") == "case":
        asked = urlencode({"id": source["case_id"], **at})
        return source["case_id"], f"{said.base}api/case?{asked}"
    if source.get("kind") == "region":
        return source["observation"]["value"], f"{said.base}#image"
    title = source.get("title") or source.get("document_id", key)
    if source.get("source_url"):
        return title, source["source_url"]
    if source.get("doi"):
        return title, f"https://doi.org/{quote(source['doi'])}"
    span = {name: place[name] for name in ("start", "end") if name in place}
    asked = urlencode({"id": source.get("document_id", ""), **at, **span})
    return title, f"{said.base}api/document?{asked}"


def _abstention(outcome: Json) -> str:
    searched = "".join(f"- {one}\n" for one in outcome["searched"])
    return f"{outcome['message']} ({outcome['reason']})\n\n{searched}"
