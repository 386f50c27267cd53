#!/bin/sh
# Jest with what ESM, the source condition of the import map and native TypeScript in setup files need.
exec node --experimental-vm-modules --conditions=source --no-warnings node_modules/jest/bin/jest.js "$@"
