"""Errors as RFC 9457 problem documents, with the codes that the command line and the ledger use."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from radcite.apps.web.headers import dress
from radcite.core.errors import ErrorCode, RadciteError

__all__ = [
    "STATUS",
    "Noted",
    "handle_errors",
    "problem_document",
    "problem_response",
    "with_openai_error",
]

Noted = Callable[[Request, RadciteError], Awaitable[RadciteError]]
"""A failure of a request to what its sender is told: the same, unless it cannot be put on record."""

STATUS: Mapping[ErrorCode, int] = {
    "UNSUPPORTED_FILE": 415,
    "DICOM_TRUNCATED": 422,
    "DICOM_MISSING_TAG": 422,
    "DICOM_TRANSFER_SYNTAX": 422,
    "DICOM_PIXEL_DECODE": 422,
    "LIMIT_EXCEEDED": 413,
    "PARSER_TIMEOUT": 422,
    "PARSER_CRASH": 422,
    "INSTANCE_CONFLICT": 409,
    "REPORT_CHANGED": 409,
    "PDF_ENCRYPTED": 422,
    "PDF_DAMAGED": 422,
    "PDF_NO_TEXT": 422,
    "PHI_REVIEW": 409,
    "RECORD_INVALID": 422,
    "IMAGE_DECODE": 422,
    "VALIDATION": 422,
    "NOT_FOUND": 404,
    "HOME_LOCKED": 503,
    "HOME_NEWER": 503,
    "QUARANTINED": 409,
    "LLM_UNAVAILABLE": 503,
    "LLM_BAD_OUTPUT": 502,
    "RETRIEVAL_UNAVAILABLE": 503,
    "STATE_UNAVAILABLE": 503,
    "INDEX_MODEL_MISMATCH": 409,
    "STORAGE_LOW": 507,
    "AUDIT_UNAVAILABLE": 503,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "RATE_LIMITED": 429,
    "TIMEOUT": 503,
}
_RETRY_SECONDS = "5"
_CODES: Mapping[int, ErrorCode] = {
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "VALIDATION",
    413: "LIMIT_EXCEEDED",
    429: "RATE_LIMITED",
}


def problem_document(error: RadciteError, status: int | None = None) -> dict[str, Any]:
    """The document of an error; title, detail and hint in English, and in Chinese under `zh`."""
    wording = error.wording
    return {
        "type": f"urn:radcite:error:{error.code}",
        "title": wording.en,
        "status": status or STATUS.get(error.code, 500),
        "detail": error.detail,
        "code": error.code,
        "hint": wording.hint_en,
        "retryable": error.retryable,
        "zh": {"title": wording.zh, "detail": error.detail_zh, "hint": wording.hint_zh},
    }


def problem_response(error: RadciteError, status: int | None = None, *, path: str = "") -> Response:
    """The document with its status; 429 and 503 say when to come again.

    Below `/v1` it also holds `error`, which clients of that interface look for.
    """
    document = problem_document(error, status)
    if path.startswith("/v1/"):
        document = with_openai_error(document)
    headers = {"Retry-After": _RETRY_SECONDS} if document["status"] in {429, 503} else {}
    if document["status"] == 401:
        headers["WWW-Authenticate"] = "Bearer"
    response = JSONResponse(
        document, document["status"], headers, media_type="application/problem+json"
    )
    # What is unforeseen is answered outside the gate.
    dress(response.headers, path, response.status_code)
    return response


def with_openai_error(document: dict[str, Any]) -> dict[str, Any]:
    """A problem document that also holds the `error` of OpenAI-compatible interfaces."""
    message = f"{document['title']}: {document['detail']}"
    error = {"message": message, "type": "radcite", "param": None, "code": document["code"]}
    return {**document, "error": error}


def handle_errors(app: FastAPI, noted: Noted) -> None:
    """Turn every failure of a route into a problem document; what is unforeseen says only its kind.

    Args:
        app: The application.
        noted: Puts a failure on record before it is told.
    """

    @app.exception_handler(RadciteError)
    async def _known(request: Request, error: Exception) -> Response:  # pyright: ignore[reportUnusedFunction] - FastAPI calls it
        assert isinstance(error, RadciteError)  # noqa: S101 - registered for it
        return problem_response(await noted(request, error), path=request.url.path)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: Exception) -> Response:  # pyright: ignore[reportUnusedFunction] - FastAPI calls it
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
        return problem_response(RadciteError("VALIDATION", _faults(error)), path=request.url.path)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: Exception) -> Response:  # pyright: ignore[reportUnusedFunction] - FastAPI calls it
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
        code = _CODES.get(error.status_code, "VALIDATION")
        return problem_response(
            RadciteError(code, str(error.detail)), error.status_code, path=request.url.path
        )

    @app.exception_handler(Exception)
    async def _unforeseen(request: Request, error: Exception) -> Response:  # pyright: ignore[reportUnusedFunction] - FastAPI calls it
        told = await noted(request, RadciteError("INTERNAL", type(error).__name__))
        return problem_response(told, path=request.url.path)


def _faults(error: RequestValidationError) -> str:
    """Where the request is at fault and how; no value of it is repeated."""
    faults = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:5])
    return "; ".join(faults)[:1000]
