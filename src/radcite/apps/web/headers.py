"""The headers of every reply, those of failures too."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders

__all__ = ["dress"]

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_FOUND = frozenset({200, 206})


def dress(headers: MutableHeaders, path: str, status: int) -> None:
    """Put the security headers on a reply, and say how long it is kept.

    A name under `/assets/` holds the hash of what it names and is kept for good; those of `/pdfjs/` do not.
    """
    for name, value in _HEADERS.items():
        headers[name] = value
    if path.startswith("/assets/") and status in _FOUND:
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif path.startswith("/pdfjs/") and status in _FOUND:
        headers["Cache-Control"] = "no-cache"
    elif "cache-control" not in headers:
        headers["Cache-Control"] = "no-store"
