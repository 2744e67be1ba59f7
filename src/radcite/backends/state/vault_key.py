"""The key of the identity vault: it seals originals where they are read and opens them for a signed export.

Source: NIST SP 800-38D (AES-GCM).
"""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from radcite.core.errors import RadciteError
from radcite.core.vault import Original

__all__ = ["VaultKey"]

_NONCE = 12


@dataclass(frozen=True, slots=True)
class VaultKey:
    """32 bytes that are kept apart from the data folder."""

    raw: bytes = field(repr=False)

    @staticmethod
    def make(path: Path) -> "VaultKey":
        """Write a new key, readable by its owner alone.

        Raises:
            RadciteError: `VALIDATION` for a file that is there or cannot be written.
        """
        raw = secrets.token_bytes(32)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as exc:
            raise RadciteError("VALIDATION", "the key is a new file", "密钥须写入新文件") from exc
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(raw.hex())
            file.flush()
            os.fsync(file.fileno())
        return VaultKey(raw)

    @staticmethod
    def read(path: Path) -> "VaultKey":
        """The key in a file.

        Raises:
            RadciteError: `CONFIG_INVALID` where there is none.
        """
        try:
            raw = bytes.fromhex(path.read_text("ascii").strip())
        except (OSError, ValueError):
            raw = b""
        if len(raw) != 32:
            raise RadciteError(
                "CONFIG_INVALID",
                "vault.key_file holds no key of the vault",
                "vault.key_file 中没有身份库密钥",
            )
        return VaultKey(raw)

    def sealed(self, pseudonym: str, original: Original) -> bytes:
        """The original encrypted for this pseudonym: it opens under no other."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE)
        content = original.model_dump_json().encode()
        return nonce + AESGCM(self.raw).encrypt(nonce, content, pseudonym.encode())

    def opened(self, pseudonym: str, sealed: bytes) -> Original:
        """What was sealed.

        Raises:
            RadciteError: `CONFIG_INVALID` for another key, or what was altered.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            content = AESGCM(self.raw).decrypt(sealed[:_NONCE], sealed[_NONCE:], pseudonym.encode())
            return Original.model_validate_json(content)
        except (InvalidTag, ValidationError) as exc:
            raise RadciteError(
                "CONFIG_INVALID",
                "the vault was sealed with another key, or altered",
                "身份库由另一密钥加密，或已被改动",
            ) from exc
