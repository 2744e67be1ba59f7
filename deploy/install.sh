#!/usr/bin/env bash
# Installs radcite from this folder, without network: bash install.sh [FOLDER], by default ./radcite.
# PYTHON names the Python to use; it has to be of the same version and kind of machine as the one the folder was made on.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
target="${1:-radcite}"
[ ! -e "$target" ] || { echo "$target exists" >&2; exit 2; }
"${PYTHON:-python3}" -m venv "$target"
pip=("$target/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --find-links "$here" --no-deps)
"${pip[@]}" --require-hashes -r "$here/requirements.txt"
"${pip[@]}" radcite
# It also builds the encoder of English texts, for the user who runs this.
"$target/bin/radcite" doctor --fix
echo "$target/bin/radcite serve"
