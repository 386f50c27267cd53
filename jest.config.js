/** Suffix decides the size: .spec (no I/O), .db.spec (embedded PostgreSQL), .e2e.spec (the real app). */
const common = {
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'import', 'default'] },
  transform: { '^.+\\.ts$': ['@swc/jest', { exclude: [] }] },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.data', '/probes/'],
};

const database = { globalSetup: '<rootDir>/test/setup/start-postgres.ts', globalTeardown: '<rootDir>/test/setup/stop-postgres.ts' };

export default {
  testTimeout: 30_000,
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/{libs,apps,test,bench,scripts}/**/*.spec.ts'],
      testPathIgnorePatterns: ['\\.db\\.spec\\.ts$', '\\.e2e\\.spec\\.ts$', '/test/acceptance/', '/test/services/', '/node_modules/'],
    },
    { ...common, ...database, displayName: 'db', testMatch: ['<rootDir>/{libs,test}/**/*.db.spec.ts'] },
    { ...common, ...database, displayName: 'e2e', testMatch: ['<rootDir>/{apps,test}/**/*.e2e.spec.ts'] },
    { ...common, displayName: 'acceptance', testMatch: ['<rootDir>/test/acceptance/**/*.spec.ts'] },
  ],
};
