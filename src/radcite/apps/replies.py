"""What the Python API returns: values that show themselves in a notebook."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, overload

from radcite.apps.rendering import STYLE, cited, outcome_html, outcome_markdown
from radcite.apps.reporting.texts import plain_markdown
from radcite.apps.searching import hit_json
from radcite.core.claims import Abstention, Answer, Claim, Evidence
from radcite.core.sources import Case, Passage, Region, Term
from radcite.ingestion.report import IngestReport
from radcite.tools.hits import Hit

__all__ = ["Hits", "Reply", "Taken"]

_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Reply:
    """A question with its outcome."""

    question: str
    outcome: Answer | Abstention

    @property
    def answered(self) -> bool:
        """Whether there is an answer; an abstention tells why in `outcome.reason`."""
        return isinstance(self.outcome, Answer)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The statements, each with its citations; none in an abstention."""
        return self.outcome.claims if isinstance(self.outcome, Answer) else ()

    @property
    def works(self) -> tuple[Evidence, ...]:
        """The evidence that the claims cite."""
        return tuple(cited(self.outcome)) if isinstance(self.outcome, Answer) else ()

    def to_dict(self) -> dict[str, Any]:
        """The published JSON, as `radcite ask --json` prints it."""
        return {"schema": "radcite.outcome/1", **self.outcome.model_dump(mode="json")}

    def __str__(self) -> str:
        if isinstance(self.outcome, Abstention):
            return self.outcome.message
        return "\n".join(
            f"{claim.text} [{', '.join(one.evidence for one in claim.citations)}]"
            for claim in self.outcome.claims
        )

    def _repr_markdown_(self) -> str:
        return outcome_markdown(self.outcome)

    def _repr_html_(self) -> str:
        return STYLE + outcome_html(self.outcome)


@dataclass(frozen=True, slots=True)
class Hits(Sequence[Hit]):
    """What a search found, best first."""

    query: str
    found: tuple[Hit, ...]

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Hit, ...]: ...
    def __getitem__(self, index: int | slice) -> Hit | tuple[Hit, ...]:
        return self.found[index]

    def __len__(self) -> int:
        return len(self.found)

    def to_dicts(self) -> list[dict[str, Any]]:
        """The published JSON of each hit; a data frame takes it as it is."""
        return [hit_json(hit) for hit in self.found]

    def _repr_markdown_(self) -> str:
        rows = [
            f"| {rank} | {score} | {plain_markdown(name)} | {plain_markdown(text)} |"
            for rank, score, name, text in self._cells()
        ]
        return "\n".join(["| | score | source | words |", "|---|---|---|---|", *rows]) + "\n"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{rank}</td><td>{score}</td><td>{escape(name)}</td><td>{escape(text)}</td></tr>"
            for rank, score, name, text in self._cells()
        )
        head = "<tr><th></th><th>score</th><th>source</th><th>words</th></tr>"
        return f'{STYLE}<table class="radcite">{head}{rows}</table>'

    def _cells(self) -> Iterator[tuple[int, str, str, str]]:
        for hit in self.found:
            source = hit.source
            match source:
                case Passage():
                    name, text = _name(source), source.text
                case Case():
                    name, text = _name(source), source.searched_text()
                case Region():
                    name, text = source.image[:16], source.observation.value
                case Term():
                    name, text = source.document_id, source.quote
            yield hit.rank, f"{hit.score:.3f}", name, _cut(text)


@dataclass(frozen=True, slots=True)
class Taken:
    """What an ingest did; `report.quarantined` lists the files that were refused."""

    report: IngestReport

    def __str__(self) -> str:
        report = self.report
        return (
            f"{report.documents} documents ({report.passages} passages), {report.cases} cases"
            f" ({report.images} images), {report.skipped} stored before,"
            f" {len(report.quarantined)} refused"
        )

    def _repr_markdown_(self) -> str:
        refused = [
            f"- {plain_markdown(one.file)}: {one.code}: {plain_markdown(one.message)}"
            for one in self.report.quarantined
        ]
        return "\n".join([str(self), *refused]) + "\n"


def _name(source: Passage | Case) -> str:
    if isinstance(source, Case):
        return f"case {source.case_id}"
    page = f", p. {source.page}" if source.page else ""
    return f"{source.title or source.document_id}{page}"


def _cut(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"
