#!/bin/sh
# Everything that needs no foreign server: types, style, architecture, then the suites. Ends in "N passed, N failed".
set -eu
npm run --silent build
npm run --silent typecheck
npm run --silent lint
npm run --silent arch
exec scripts/jest.sh --selectProjects unit db e2e "$@"
