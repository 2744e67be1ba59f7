"""A batch whose answers cost nothing, in a process of its own that can be killed.

    python -m bench.echo FOLDER

answers the `questions.jsonl` of a folder and prints its peak in MiB.
"""

import asyncio
import sys
from pathlib import Path

from bench.memory import own_peak_mib
from radcite.apps.asking import AskOptions
from radcite.apps.batching.run import Batch, run_batch
from radcite.core.claims import Abstention, Safety


async def _echo(options: AskOptions) -> Abstention:
    await asyncio.sleep(0.001)
    return Abstention(
        trace_id="t",
        task="literature",
        language="en",
        safety=Safety(notice="n"),
        reason="NO_EVIDENCE",
        message=options.text * 100,
    )


async def _answer_by_echo(folder: Path) -> None:
    print("started", flush=True)
    await run_batch(Batch(_echo, folder / "questions.jsonl", folder / "out.jsonl"))
    print(own_peak_mib())


if __name__ == "__main__":
    asyncio.run(_answer_by_echo(Path(sys.argv[1])))
