#!/bin/sh
# Everything that needs no foreign server: types, then the suites; style and architecture are among them (test/arch/gates.spec.ts). Ends in "N passed, N failed".
set -eu
npm run --silent build
npm run --silent typecheck
exec scripts/jest.sh --selectProjects unit db e2e "$@"
