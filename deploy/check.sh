#!/usr/bin/env bash
# Installs a wheelhouse into a folder that goes again, runs the demonstration and the chat, and tells sizes and
# seconds, all in a network namespace without any way out: bash check.sh WHEELHOUSE
set -euo pipefail
wheelhouse="$(realpath "${1:-wheelhouse}")"
if [ "${INSIDE:-}" != yes ]; then
  exec env INSIDE=yes unshare --net --map-root-user bash "$(realpath "$0")" "$wheelhouse"
fi
ip link set lo up
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
SECONDS=0
bash "$wheelhouse/install.sh" "$folder/radcite" > "$folder/log" || { cat "$folder/log" >&2; exit 1; }
echo "wheelhouse: $(du -sm "$wheelhouse" | cut -f1) MB, $(find "$wheelhouse" -name '*.whl' | wc -l) wheels"
echo "installed: $(du -sm "$folder/radcite" | cut -f1) MB in $SECONDS s"
SECONDS=0
"$folder/radcite/bin/radcite" demo --home "$folder/home" > "$folder/log" || { cat "$folder/log" >&2; exit 1; }
grep -q '\[E1\]' "$folder/log"
echo "demonstration: cited answers in $SECONDS s; its data folder: $(du -sm "$folder/home" | cut -f1) MB"
SECONDS=0
"$folder/radcite/bin/radcite" serve --home "$folder/home" --port 8420 2> "$folder/log" &
server=$!
ask() { "$folder/radcite/bin/python" -c "import sys, urllib.request as u; print(u.urlopen('http://127.0.0.1:8420' + sys.argv[1], timeout=60).read().decode())" "$1" 2>/dev/null; }
until ask /health/live > /dev/null; do
  kill -0 "$server" || { cat "$folder/log" >&2; exit 1; }
  sleep 0.5
done
echo "chat: answers after $SECONDS s; $(ask /health/ready)"
ask / | grep -q '<script' || { echo "the wheel has no front end" >&2; exit 1; }
kill "$server"
wait "$server" || true
