"""The mutants read in this process alone: errors without a code and silent truncation, at a tenth of the cost.

Bombs are left out, and so is everything but reading: a reader that dies here ends the measurement.
"""

import time
import warnings
from collections import Counter
from pathlib import Path

from bench.fuzz.mutants import mutants
from bench.timing import Row
from radcite.core.errors import RadciteError
from radcite.core.settings import PrivacySettings
from radcite.ingestion.deid.keys import Gate
from radcite.ingestion.dicom.objects import read_dicom
from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf.reading import read_pdf

__all__ = ["bare_rows"]


def bare_rows(folder: Path, count: int, seed: int) -> list[Row]:
    """How many mutants were read or refused, how many failed without a code, which truncated ones passed silently."""
    limits, gate = Limits(), Gate(bytes(32), PrivacySettings(burned_in="none"))
    path, outcomes, cut, untyped, silent = folder / "mutant", Counter[str](), 0, [], []
    slowest = 0.0
    for number, mutant in enumerate(mutants(count, seed)):
        if "bomb" in mutant.kind:
            continue
        path.write_bytes(mutant.data)
        began, code = time.process_time(), "read"
        cut += mutant.cut
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                pdf = mutant.data.startswith(b"%PDF-")
                read = read_pdf(path, limits) if pdf else read_dicom(path, limits, gate)
            if mutant.cut and not getattr(read, "warnings", ()):
                silent.append(f"{number} {mutant.kind}")
        except RadciteError as error:
            code = error.code
        except (MemoryError, RecursionError):
            code = "LIMIT_EXCEEDED"
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            untyped.append(f"{number} {mutant.kind}: {type(error).__name__}")
            code = "untyped"
        outcomes[code] += 1
        slowest = max(slowest, time.process_time() - began)
    share = 100 * len(silent) / max(1, cut)
    told = ", ".join(f"{code} {n}" for code, n in outcomes.most_common())
    return [
        Row(
            "mutants read in this process, bombs left out",
            outcomes.total(),
            note=f"seed {seed}; {told}",
        ),
        Row("errors without a code", len(untyped), goal="<= 0", note="; ".join(untyped[:8])),
        Row("truncated files", cut),
        Row("truncated files taken silently", share, "%", "<= 0.1", "; ".join(silent[:8])),
        Row("slowest reading, CPU", slowest, "s"),
    ]
