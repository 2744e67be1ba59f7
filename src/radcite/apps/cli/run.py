"""How every command starts and ends: arguments, errors, exit codes."""

import json
import os
import sys
from collections.abc import Sequence

import typer

from radcite.core.errors import ErrorCode, RadciteError

__all__ = ["exit_code", "problem", "run_command"]

_USAGE: frozenset[ErrorCode] = frozenset({"VALIDATION", "CONFIG_INVALID", "NOT_FOUND"})
_DOWN: frozenset[ErrorCode] = frozenset(
    {
        "LLM_UNAVAILABLE",
        "RETRIEVAL_UNAVAILABLE",
        "STATE_UNAVAILABLE",
        "AUDIT_UNAVAILABLE",
        "TIMEOUT",
        "STORAGE_LOW",
        "HOME_LOCKED",
        "MISSING_EXTRA",
    }
)


def run_command(name: str, app: typer.Typer, arguments: Sequence[str]) -> int:
    """Run a command to its exit code; failures are told on stderr, and as JSON where asked for."""
    command = typer.main.get_command(app)
    try:
        return (
            command.main(list(arguments), prog_name=f"radcite {name}", standalone_mode=False) or 0
        )
    except RadciteError as error:
        _tell(error, as_json="--json" in arguments)
        return exit_code(error)
    except typer.Exit as stop:
        return stop.exit_code
    except (typer.Abort, KeyboardInterrupt):
        sys.stderr.write("stopped\n")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as exc:  # the outermost edge
        if (show := getattr(exc, "show", None)) and hasattr(exc, "exit_code"):
            show(file=sys.stderr)
            return 2
        if os.environ.get("RADCITE_DEBUG"):
            raise
        error = RadciteError("INTERNAL", f"{type(exc).__name__}; RADCITE_DEBUG=1 shows where")
        _tell(error, as_json="--json" in arguments)
        return 1


def exit_code(error: RadciteError) -> int:
    """2 for a wrong request, 4 for a dependency that is down, else 1."""
    if error.code in _USAGE:
        return 2
    return 4 if error.code in _DOWN else 1


def problem(error: RadciteError) -> dict[str, object]:
    """An error as the published JSON document."""
    wording = error.wording
    return {
        "schema": "radcite.error/1",
        "code": error.code,
        "title": {"en": wording.en, "zh": wording.zh},
        "detail": {"en": error.detail, "zh": error.detail_zh},
        "hint": {"en": wording.hint_en, "zh": wording.hint_zh},
        "retryable": error.retryable,
    }


def _tell(error: RadciteError, *, as_json: bool) -> None:
    wording = error.wording
    if as_json:
        sys.stdout.write(json.dumps(problem(error), ensure_ascii=False) + "\n")
    sys.stderr.write(
        f"{error.code}: {wording.en}: {error.detail}\n  {wording.hint_en}\n"
        f"{error.code}：{wording.zh}：{error.detail_zh}\n  {wording.hint_zh}\n"
    )
