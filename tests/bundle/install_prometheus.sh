#!/bin/sh
# A real Prometheus and its promtool for the tests: the one that is here, else Debian's for root.
set -e
command -v promtool >/dev/null 2>&1 && command -v prometheus >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing prometheus for the tests of a bundle's monitoring"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends prometheus; } >/dev/null
else
    echo "no prometheus here: the tests that need it are skipped" >&2
fi
