"""A language model's server on loopback that takes a fixed time and has so many slots.

    python -m bench.llm_server LATENCY_S SLOTS [RECORD]

prints its port. It plans one search, quotes the first sentence of the first evidence, and tells at `/busy`
how many slot-seconds it was busy, and between which seconds.
"""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

__all__ = ["Busy", "busy", "loopback_llm"]

_FIRST_TEXT = re.compile(r"<<<E1>>>.*?\ntext: (.*?)(?:\n<<<END|\Z)", re.DOTALL)
_SENTENCE = re.compile(r".{20,400}?[.。](?=\s|$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Busy:
    """Slot-seconds of work, and the seconds from the first request to the last reply."""

    slot_s: float
    span_s: float
    requests: int


@contextmanager
def loopback_llm(latency_s: float, slots: int, record: Path | None = None) -> Generator[str]:
    """A server in a process of its own; its base URL. What reaches it is appended to `record`."""
    command = [sys.executable, "-m", "bench.llm_server", str(latency_s), str(slots)]
    command += [str(record)] if record else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
        finally:
            server.kill()


def busy(base_url: str) -> Busy:
    """How busy the server was so far."""
    with urlopen(f"{base_url}/busy") as reply:  # noqa: S310 - loopback
        return Busy(**json.load(reply))


class _Server:
    def __init__(self, latency_s: float, slots: int, record: Path | None = None) -> None:
        self._record = record
        self._latency_s = latency_s
        self._slots = asyncio.Semaphore(slots)
        self._slot_s = 0.0
        self._first: float | None = None
        self._last = 0.0
        self._requests = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = re.search(r"(?i)content-length: (\d+)", head)
                body = await reader.readexactly(int(length[1])) if length else b""
                if self._record is not None:
                    with self._record.open("ab") as file:
                        file.write(head.encode("latin-1") + body)
                reply = await self._complete(body) if body else self._told()
                content = json.dumps(reply).encode()
                writer.write(
                    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
                    % len(content)
                    + content
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _told(self) -> dict[str, float]:
        span = self._last - self._first if self._first is not None else 0.0
        return {"slot_s": self._slot_s, "span_s": span, "requests": self._requests}

    async def _complete(self, body: bytes) -> dict[str, object]:
        if self._first is None:
            self._first = time.monotonic()
        async with self._slots:
            began = time.monotonic()
            await asyncio.sleep(self._latency_s)
            self._last = time.monotonic()
            self._slot_s += self._last - began
        self._requests += 1
        content = _reply(json.loads(body))
        return {
            "choices": [{"message": {"content": content}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": len(body) // 4, "completion_tokens": len(content) // 4},
        }


def _reply(request: dict[str, object]) -> str:
    form = request["response_format"]["json_schema"]["name"]  # pyright: ignore
    said = request["messages"][-1]["content"]  # pyright: ignore
    if form == "Plan":
        query = said.strip().splitlines()[-1][:300]
        return json.dumps({"calls": [{"tool": "literature_search", "query": query}]})
    if form == "Draft":
        text = _FIRST_TEXT.search(said)
        sentence = _SENTENCE.search(text[1]) if text else None
        if sentence is None:
            return json.dumps({"claims": []})
        quote = sentence[0]
        claim = {
            "citations": [{"evidence": "E1", "quote": quote}],
            "about": "literature",
            "text": " ".join(quote.split()),
        }
        return json.dumps({"claims": [claim]})
    return json.dumps({"text": "yes"})


async def _main(latency_s: float, slots: int, record: Path | None) -> None:
    server = await asyncio.start_server(
        _Server(latency_s, slots, record).serve, "127.0.0.1", 0, limit=1 << 22
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    kept = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    asyncio.run(_main(float(sys.argv[1]), int(sys.argv[2]), kept))
