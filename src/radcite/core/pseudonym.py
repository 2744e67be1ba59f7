import hmac
from hashlib import sha256

__all__ = ["content_key", "names_nobody", "pseudonym"]

_NOBODY = frozenset(
    (
        *("unknown", "anonymous", "anonymized", "anonymised", "anon", "none", "null", "nil", "na"),
        *("noid", "nopatientid", "noname", "unspecified", "undefined", "deidentified"),
        *("匿名", "未知", "无", "不详", "佚名"),
    )
)


def names_nobody(patient_id: str) -> bool:
    """Whether an identifier is what systems write where they have none: everybody who has it is not one patient."""
    bare = "".join(sign for sign in patient_id.casefold() if sign.isalnum())
    return not bare.strip("0") or bare in _NOBODY


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
