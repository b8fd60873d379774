#!/bin/sh
# An environment for clients with clashing pins: theirs come first, the project's packages behind them.
# Made once, in .clients beside .venv, and again when the list changes. $1 is the project's python.
set -e
list="$(dirname "$0")/requirements.txt"
cmp -s "$list" .clients/installed.txt && exit 0
echo "installing clients for the protocol tests"
rm -rf .clients
"$1" -m venv --without-pip .clients
"$1" -m pip --python .clients/bin/python install -qq --disable-pip-version-check --no-deps -r "$list"
"$1" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
  >"$(.clients/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/project.pth"
cp "$list" .clients/installed.txt
