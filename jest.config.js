import { readFileSync } from 'node:fs';

// Jest resolves the .ts files themselves, so specifiers stay as they are written.
const swc = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8'));
swc.jsc.rewriteRelativeImportExtensions = false;

/** Suffix decides the size: .spec (no I/O), .db.spec (embedded PostgreSQL), .e2e.spec (the real app). */
const common = {
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false, sourceMaps: 'inline' }] },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.data', '/probes/'],
};

const database = {
  globalSetup: '<rootDir>/test/setup/start-postgres.mjs',
  globalTeardown: '<rootDir>/test/setup/stop-postgres.mjs',
};

export default {
  testTimeout: 120_000,
  maxWorkers: 2,
  reporters: ['default', '<rootDir>/test/setup/tally-reporter.js'],
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/{libs,apps,test,bench,scripts}/**/*.spec.ts'],
      testPathIgnorePatterns: [
        '\\.db\\.spec\\.ts$',
        '\\.e2e\\.spec\\.ts$',
        '/test/acceptance/',
        '/test/services/',
        '/test/clients/',
        '/node_modules/',
      ],
    },
    { ...common, ...database, displayName: 'db', testMatch: ['<rootDir>/{libs,test}/**/*.db.spec.ts'] },
    { ...common, ...database, displayName: 'e2e', testMatch: ['<rootDir>/{apps,test}/**/*.e2e.spec.ts'] },
    { ...common, displayName: 'acceptance', testMatch: ['<rootDir>/test/acceptance/**/*.spec.ts'] },
    { ...common, displayName: 'services', testMatch: ['<rootDir>/test/services/**/*.spec.ts'] },
    { ...common, displayName: 'clients', testMatch: ['<rootDir>/test/clients/**/*.spec.ts'] },
  ],
};
