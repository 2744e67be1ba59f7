"""Outcomes without an engine behind them."""

from radcite.core.claims import (
    Abstention,
    Answer,
    CharLocation,
    Citation,
    Claim,
    Evidence,
    Retrieval,
    Safety,
)
from radcite.core.sources import Passage


def answered(text: str, *, words: str | None = None, title: str | None = None) -> Answer:
    """One claim that quotes all of its document; another document was read and is not cited."""
    words = words or f"{text} is so."
    found = Retrieval(tool="t", query="q", collection="c", encoder="e", score=1, rank=1)
    sources = [
        Passage(
            document_id=name,
            title=title or f"On {name}",
            text=said,
            start=0,
            end=len(said),
            language="en",
            doi=f"10.1/{name}",
            year=2024,
        )
        for name, said in ((text, words), (f"{text}-read", "Not cited."))
    ]
    place = CharLocation(document_id=text, start=0, end=len(words))
    claim = Claim(
        text=words,
        about="literature",
        support="supported",
        citations=(Citation(evidence="E1", quote=words, place=place),),
    )
    return Answer(
        trace_id="t",
        task="literature",
        language="en",
        safety=Safety(notice="n"),
        claims=(claim,),
        evidence=tuple(
            Evidence(key=f"E{number}", source=source, retrieval=found)
            for number, source in enumerate(sources, 1)
        ),
    )


def abstained() -> Abstention:
    """Nothing found."""
    return Abstention(
        trace_id="t",
        task="literature",
        language="en",
        safety=Safety(notice="n"),
        reason="NO_EVIDENCE",
        message="m",
    )
