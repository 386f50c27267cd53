#!/usr/bin/env bash
# The operator commands, of what the sources say now: what was built before a change of theirs is built again.
set -euo pipefail
cd "$(dirname "$0")/.."

main=dist/apps/ops/main.js
if [ ! -f "$main" ] || [ -n "$(find apps libs migrations -name '*.ts' -newer "$main" -print -quit 2>/dev/null)" ]; then npm run --silent build; fi
exec node "$main" "$@"
