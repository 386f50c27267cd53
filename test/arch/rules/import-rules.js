/** Files that only tests load. */
const TEST_FILE = String.raw`\.spec\.ts$|/testing/|^test/`;
/** I/O of Node itself; hashing and pure modules are none. */
const NODE_IO =
  '^(node:)?(fs|fs/promises|net|tls|http|http2|https|dgram|dns|child_process|cluster|worker_threads|readline|repl)$';
const FOREIGN_PACKAGE =
  'node_modules/(@nestjs|typeorm|pg|express|ws|pino|graphile-worker|ioredis|neo4j-driver|@duckdb|@aws-sdk)';

/** Where each driver is at home; repositories and entities may use the relational ones. */
const DRIVER_HOMES = [
  ['typeorm', String.raw`^libs/platform/database/|\.repository\.ts$|\.entity\.ts$|^migrations/`],
  ['pg', String.raw`^libs/platform/(database|jobs|progress)/|\.repository\.ts$|\.entity\.ts$`],
  ['graphile-worker', '^libs/platform/jobs/'],
  ['ioredis', '^libs/platform/(cache|database)/'],
  ['neo4j-driver', '^libs/platform/graph/'],
  ['@aws-sdk', '^libs/platform/storage/'],
];

/**
 * The import rules of the house (docs/rules/gates.md), as dependency-cruiser rules. `graph`: for each area the areas
 * that it may import. Every rule has a probe of its name in test/arch/probes.
 */
export function importRules(graph) {
  return [
    forbid('kernel-imports-nothing-of-ours', '^libs/kernel/', '^(apps|migrations|test|libs/(quant|platform|areas))/'),
    forbid('quant-imports-kernel-only', '^libs/quant/', '^(apps|migrations|libs/(platform|areas))/', {
      pathNot: TEST_FILE,
    }),
    forbid('kernel-and-quant-are-pure', '^libs/(kernel|quant)/', `${NODE_IO}|${FOREIGN_PACKAGE}`, {
      pathNot: TEST_FILE,
    }),
    forbid('platform-imports-kernel-only', '^libs/platform/', '^(apps|libs/(quant|areas))/', { pathNot: TEST_FILE }),
    forbid('areas-never-import-apps', '^libs/areas/', '^apps/', { pathNot: TEST_FILE }),
    forbid('apps-are-separate', '^apps/([^/]+)/', '^apps/', {}, { pathNot: String.raw`^apps/$1/|^apps/areas\.ts$` }),
    // What is used from outside a folder is in its index.ts.
    forbid(
      'platform-folders-have-one-door',
      '^(?:libs/platform/([^/]+)/|(?:apps|libs/areas|migrations)/)',
      '^libs/platform/[^/]+/',
      { pathNot: TEST_FILE },
      { pathNot: String.raw`^libs/platform/$1/|^libs/platform/[^/]+/index\.ts$` },
    ),
    forbid(
      'areas-have-one-door',
      '^(?:libs/areas/([^/]+)/|(?:apps|migrations)/)',
      '^libs/areas/[^/]+/',
      { pathNot: TEST_FILE },
      { pathNot: String.raw`^libs/areas/$1/|^libs/areas/[^/]+/index\.ts$` },
    ),
    forbid(
      'quant-folders-have-one-door',
      '^(?:libs/quant/([^/]+)/|(?:apps|libs/areas|migrations)/)',
      '^libs/quant/[^/]+/',
      { pathNot: TEST_FILE },
      { pathNot: String.raw`^libs/quant/$1/|^libs/quant/[^/]+/index\.ts$` },
    ),
    forbid(
      'kernel-has-one-door',
      '^(apps|migrations|libs/(quant|platform|areas))/',
      '^libs/kernel/',
      { pathNot: TEST_FILE },
      { pathNot: String.raw`^libs/kernel/index\.ts$` },
    ),
    forbid('area-doors-hide-repositories', String.raw`^libs/areas/[^/]+/index\.ts$`, String.raw`\.repository\.ts$`),
    ...Object.entries(graph).map(([area, imports]) =>
      forbid(
        'area-edges-are-declared',
        `^libs/areas/${area}/`,
        '^libs/areas/',
        { pathNot: TEST_FILE },
        { pathNot: `^libs/areas/(${[area, ...imports].join('|')})/` },
      ),
    ),
    ...DRIVER_HOMES.map(([driver, home]) =>
      forbid('drivers-stay-at-home', '^(apps|libs|migrations)/', `node_modules/(@types/)?${driver}/`, {
        pathNot: `${home}|${TEST_FILE}`,
      }),
    ),
    // Outward there is Egress alone (platform.md 15.1); fetch and node:http are rules of house-plugin.js.
    forbid('undici-stays-in-egress', '^(apps|libs)/', 'node_modules/undici/', {
      pathNot: `^libs/platform/egress/|${TEST_FILE}`,
    }),
    forbid('node-https-is-for-tests', '^(apps|libs)/', '^(node:)?(https|http2)$', { pathNot: TEST_FILE }),
    forbid('only-the-database-runs-migrations', '^(apps|libs)/', '^migrations/', {
      pathNot: `^libs/platform/database/|${TEST_FILE}`,
    }),
    forbid('production-imports-no-test-code', '^(apps|libs|migrations)/', TEST_FILE, { pathNot: TEST_FILE }),
    forbid('acceptance-tests-are-black-box', '^test/acceptance/', '^(apps|libs|migrations)/'),
    {
      name: 'production-needs-no-development-package',
      severity: 'error',
      from: { path: '^(apps|libs|migrations)/', pathNot: TEST_FILE },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'every-import-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
    // Type imports count: whoever reads one file of a circle has to read them all.
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    forbid(
      'no-file-enters-by-its-own-door',
      '^(.+)/[^/]+$',
      String.raw`/index\.ts$`,
      {},
      { path: String.raw`^$1/index\.ts$` },
    ),
  ];
}

function forbid(name, from, to, fromMore = {}, toMore = {}) {
  return { name, severity: 'error', from: { path: from, ...fromMore }, to: { path: to, ...toMore } };
}

/** How dependency-cruiser reads this code base. */
export const CRUISE_OPTIONS = {
  doNotFollow: { path: 'node_modules|^dist/' },
  exclude: { path: '^dist/|^test/arch/probes/|^test/clients/typescript/' },
  tsPreCompilationDeps: true,
  combinedDependencies: false,
  enhancedResolveOptions: {
    conditionNames: ['source', 'import', 'node', 'default'],
    exportsFields: ['exports'],
    extensions: ['.ts', '.js', '.mjs', '.json'],
  },
};
