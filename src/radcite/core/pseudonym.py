import hmac
from hashlib import sha256

__all__ = ["content_key", "pseudonym"]


def pseudonym(secret: bytes, kind: str, value: str) -> str:
    """A stable name for an identifier: the same for the same secret, meaningless without it.

    Args:
        secret: The site's key.
        kind: What is named (`patient`, `study`), so that equal identifiers of two kinds differ.
        value: The identifier.

    Returns:
        The kind's first letter and 16 hexadecimal digits of HMAC-SHA-256.
    """
    digest = hmac.new(secret, f"{kind}\x1f{value}".encode(), sha256).hexdigest()
    return f"{kind[0].upper()}-{digest[:16]}"


def content_key(secret: bytes, content: bytes) -> str:
    """The key of a file's content in the ledger, given the SHA-256 of its bytes."""
    return hmac.new(secret, content, sha256).hexdigest()
