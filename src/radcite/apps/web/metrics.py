"""What Prometheus reads: requests by route, questions by outcome, seconds. Nothing of what was asked."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

__all__ = ["Metrics"]

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120)


class Metrics:
    """The counters of one service."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "radcite_requests", "Requests by route, method and status.",
            ["route", "method", "status"], registry=self._registry,
        )  # fmt: skip
        self.request_seconds = Histogram(
            "radcite_request_seconds", "Seconds to the end of a reply.",
            ["route"], buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip
        self.outcomes = Counter(
            "radcite_outcomes", "Questions by task and by answer, abstention or error code.",
            ["task", "outcome"], registry=self._registry,
        )  # fmt: skip
        self.first_evidence = Histogram(
            "radcite_first_evidence_seconds", "Seconds to the first evidence.",
            buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip
        self.first_claim = Histogram(
            "radcite_first_claim_seconds", "Seconds to the first claim.",
            buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip
        self.asking = Gauge(
            "radcite_asking", "Questions being answered or waiting.", registry=self._registry
        )
        self.files = Counter(
            "radcite_files", "Images, documents and cases sent in that were taken; files and lines refused.",
            ["outcome"], registry=self._registry,
        )  # fmt: skip

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self._registry)
