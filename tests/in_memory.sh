#!/bin/sh
# Runs a command whose temporary files are in memory. Journals, snapshots and MLflow's database wait for the
# disk after each write; for tests, which write a hundred thousand times, that was most of the time. The file
# system is in sight of this command only and gone with it. It takes root to make it; without, and where memory
# is short, the usual folder is taken: files in /dev/shm are no work of a notebook's, so they would not do.
free=$(awk '/^MemAvailable/ { print int($2 / 1000000) }' /proc/meminfo 2>/dev/null)
[ "${free:-0}" -ge 8 ] || exec "$@"
folder=$(mktemp -d "${TMPDIR:-/tmp}/mlops-XXXXXX") || exec "$@"
trap 'rmdir "$folder"' EXIT
trap 'exit 130' INT TERM

mount="mount -t tmpfs -o mode=755 tmpfs $folder"
if unshare --mount $mount 2>/dev/null; then
  unshare --mount sh -c "$mount && TMPDIR=$folder exec \"\$@\"" sh "$@"
else
  "$@"
fi
