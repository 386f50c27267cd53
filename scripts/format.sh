#!/usr/bin/env bash
# Formats the repository (prettier, width 120). With parameters prettier gets these instead: `npm run format -- --check`.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- --write
exec node_modules/.bin/prettier . --log-level warn --cache --cache-strategy content "$@"
