"""What training needs beyond the default installation."""

from importlib.util import find_spec

from radcite.core.errors import RadciteError

__all__ = ["need"]


def need(*modules: str) -> None:
    """Fail early, and say what to install, when a training library is missing.

    Raises:
        RadciteError: `MISSING_EXTRA` naming the first that is not there.
    """
    for module in modules:
        if find_spec(module) is None:
            raise RadciteError(
                "MISSING_EXTRA",
                f"training needs {module}: install radcite[train]",
                f"训练需要 {module}：请安装 radcite[train]",
            )
