"""The identity vault at this data folder: when it is on, what is put into it, and what is taken out for an export."""

from pathlib import Path

from radcite.apps.auditing import Auditor
from radcite.backends.state.vault_key import VaultKey
from radcite.core.errors import RadciteError
from radcite.core.review import Report
from radcite.core.settings import Settings
from radcite.core.vault import Original, Vault

__all__ = ["identified", "make_key", "vault_key"]


def vault_key(settings: Settings, home: Path) -> VaultKey | None:
    """The vault's key, or None where the vault is off.

    Raises:
        RadciteError: `CONFIG_INVALID` for a key that is not there, or that lies in the data folder.
    """
    path = settings.vault.key_file
    if path is None:
        return None
    _check_apart(path, home)
    return VaultKey.read(path)


def make_key(path: Path, home: Path) -> None:
    """Make the key of a vault, outside the data folder, so that no backup of it holds both.

    Raises:
        RadciteError: `CONFIG_INVALID` for a place in the data folder; `VALIDATION` for a file that is there.
    """
    _check_apart(path, home)
    VaultKey.make(path)


async def identified(
    report: Report, vault: Vault, key: VaultKey | None, by: Auditor, form: str
) -> Original:
    """Whose report a signed one is, once that this is asked for is on record.

    Raises:
        RadciteError: `CONFIG_INVALID` where the vault is off or has another key; `VALIDATION` for a report that is not
            signed or names no patient; `NOT_FOUND` for a patient the vault does not know.
    """
    if key is None:
        raise RadciteError(
            "CONFIG_INVALID",
            "the identity vault is off ([vault] key_file)",
            "身份库未启用（[vault] key_file）",
        )
    if not report.signed or report.patient is None:
        raise RadciteError(
            "VALIDATION",
            "only a signed report of a known patient leaves with a name",
            "只有已签署且有患者的报告才能带身份导出",
        )
    await by.of_report("export", f"identity {form}", report)
    sealed = await vault.sealed(report.patient)
    if sealed is None:
        raise RadciteError(
            "NOT_FOUND", "the vault does not know this patient", "身份库中没有该患者"
        )
    return key.opened(report.patient, sealed)


def _check_apart(path: Path, home: Path) -> None:
    if path.resolve().is_relative_to(home.resolve()):
        raise RadciteError(
            "CONFIG_INVALID",
            "the vault's key is kept outside the data folder",
            "身份库密钥须存放在数据目录之外",
        )
