"""Builds the front end into the wheel; whoever installs the wheel needs no Node."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontEnd(BuildHookInterface[Any]):
    """Runs npm where the built front end is missing. `RADCITE_WEB=skip` builds a wheel without it."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before files are collected."""
        root = Path(self.root)
        built = (root / "src/radcite/apps/web/static/index.html").is_file()
        if version == "editable" or built or os.environ.get("RADCITE_WEB") == "skip":
            return
        npm = shutil.which("npm")
        if npm is None:
            self.app.display_warning("npm is missing: the wheel will serve no front end")
            return
        for command in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
            subprocess.run([npm, *command], cwd=root / "web", check=True)  # noqa: S603 - our own words
