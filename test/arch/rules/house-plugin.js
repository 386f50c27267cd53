import { callsOutward } from './calls-outward.js';
import { lineWidth } from './line-width.js';
import { promisesHaveAnOwner } from './promises-have-an-owner.js';

/**
 * Rules of the house that no published plugin has. Each says where it holds, so that the configuration and the probes
 * cannot disagree. `select`: esquery selectors of what is wrong, or `rule`: an ESLint rule. Paths are globs from the
 * root of the repository.
 */
const TESTS = ['**/*.spec.ts', '**/testing/**', 'test/**', 'bench/**'];
const EVERYWHERE = ['{apps,libs,migrations,test,bench,scripts}/**/*.ts'];

export const HOUSE_RULES = {
  'no-forward-ref': {
    files: EVERYWHERE,
    message: 'A circle of providers is redrawn, not hidden by forwardRef.',
    select: ['CallExpression[callee.name="forwardRef"]'],
  },
  'environment-is-read-once': {
    files: EVERYWHERE,
    except: [
      'libs/platform/config/**',
      'apps/*/*.ts',
      'libs/platform/database/testing/**',
      'test/**',
      'bench/**',
      'scripts/**',
    ],
    message:
      'Only libs/platform/config reads the environment; take a topic class. A process hands process.env over in ' +
      'apps/*.',
    select: ['MemberExpression[object.name="process"][property.name="env"]'],
  },
  'now-is-the-clock': {
    files: EVERYWHERE,
    except: ['libs/kernel/clock.ts', ...TESTS],
    message: 'What "now" is says Clock of #kernel.',
    select: [
      'CallExpression[callee.object.name="Date"][callee.property.name="now"]',
      'NewExpression[callee.name="Date"][arguments.length=0]',
      'CallExpression[callee.name="Date"]',
    ],
  },
  'no-default-export': {
    // A piscina worker is found by its default export.
    files: EVERYWHERE,
    except: ['**/*.worker.ts', '**/*-thread.ts', 'test/setup/**'],
    message: 'An export has a name.',
    select: ['ExportDefaultDeclaration', 'ExportSpecifier[exported.name="default"]'],
  },
  'chance-has-a-seed': {
    files: ['{apps,libs}/**/*.ts'],
    message: 'Use the seeded generator of #quant/random, or node:crypto.',
    select: ['MemberExpression[object.name="Math"][property.name="random"]'],
  },
  'areas-query-in-a-tenant-transaction': {
    files: ['libs/areas/**/*.ts'],
    except: TESTS,
    message: 'Repositories get their EntityManager from TenantTransaction and from nowhere else.',
    select: [
      'ImportSpecifier[imported.name=/^(DataSource|EntityManager|QueryRunner|InjectDataSource|InjectRepository|AppPool|OwnerPool|SealerPool)$/]',
    ],
  },
  'providers-are-singletons': {
    files: EVERYWHERE,
    message: 'No request-scoped provider: the request is in the RequestContext.',
    select: ['MemberExpression[object.name="Scope"][property.name=/^(REQUEST|TRANSIENT)$/]'],
  },
  'pure-code-is-erasable': {
    files: ['libs/{kernel,quant}/**/*.ts'],
    message:
      'kernel and quant run under type stripping in worker threads: no decorator, enum, namespace or parameter ' +
      'property.',
    select: [
      'Decorator',
      'TSEnumDeclaration',
      'TSParameterProperty',
      'TSModuleDeclaration[declare!=true]',
      'TSImportEqualsDeclaration',
      'TSExportAssignment',
    ],
  },
  'only-the-gateway-wires-globally': {
    files: EVERYWHERE,
    except: ['apps/api/**', ...TESTS],
    message: 'Global guards, interceptors, pipes and filters are in apps/api.',
    select: [
      'Identifier[name=/^APP_(GUARD|INTERCEPTOR|PIPE|FILTER)$/]',
      'CallExpression[callee.property.name=/^useGlobal(Guards|Interceptors|Pipes|Filters)$/]',
    ],
  },
  'tests-run': {
    files: ['**/*.spec.ts'],
    message: 'A test is neither skipped nor alone.',
    select: [
      'CallExpression[callee.object.name=/^(describe|it|test)$/][callee.property.name=/^(skip|only|todo|failing)$/]',
      'CallExpression[callee.name=/^(xit|xdescribe|xtest|fit|fdescribe)$/]',
    ],
  },
  'names-say-something': {
    files: EVERYWHERE,
    message: 'A file, folder or class is named by what it does: never util, helper, common or manager.',
    select: ['ClassDeclaration[id.name=/(Utils?|Helpers?|Manager|Common)$/]'],
    path: /(^|[/.-])(utils?|helpers?|common|managers?)([/.-]|$)/,
  },
  'output-goes-through-the-logger': {
    files: ['{apps,libs}/**/*.ts'],
    except: TESTS,
    message: 'Log through the logger; commands write to process.stdout.',
    select: ['MemberExpression[object.name="console"]'],
  },
  'injected-as-parameter-properties': {
    files: ['libs/{areas,platform}/**/*.ts'],
    message: 'What Nest injects is a `private readonly` parameter of the constructor, not a field assigned by hand.',
    select: [
      'ClassDeclaration[decorators.length>0] > ClassBody > MethodDefinition[kind="constructor"] ' +
        'AssignmentExpression[left.object.type="ThisExpression"][right.type="Identifier"]',
    ],
  },
  'node-http-serves-only': {
    files: ['{apps,libs}/**/*.ts'],
    except: TESTS,
    message: 'Of node:http a server takes what it needs by name; outward goes Egress of #platform/egress.',
    select: [
      'ImportDeclaration[source.value=/^(node:)?http$/] > ' +
        'ImportSpecifier[imported.name=/^(request|get|Agent|globalAgent|ClientRequest|default)$/]',
      'ImportDeclaration[source.value=/^(node:)?http$/] > :matches(ImportDefaultSpecifier, ImportNamespaceSpecifier)',
      ':matches(ImportExpression, ExportNamedDeclaration, ExportAllDeclaration)[source.value=/^(node:)?http$/]',
    ],
  },
  'fetch-is-for-ourselves': {
    files: ['{apps,libs}/**/*.ts'],
    // The service as its own caller.
    except: ['libs/platform/main-job/**', 'apps/api/first-start.ts', ...TESTS],
    rule: callsOutward,
  },
  'line-width': { files: ['**/*.{ts,js,mjs}'], rule: lineWidth },
  'promises-have-an-owner': { files: EVERYWHERE, rule: promisesHaveAnOwner },
};

/** ESLint plugin `house`. */
export const HOUSE_PLUGIN = {
  rules: Object.fromEntries(Object.entries(HOUSE_RULES).map(([name, entry]) => [name, entry.rule ?? toEslint(entry)])),
};

function toEslint({ message, select, path }) {
  return {
    meta: { type: 'problem', docs: { description: message } },
    create(context) {
      const report = (node) => context.report({ node, message });
      const visitors = Object.fromEntries(select.map((selector) => [selector, report]));
      if (path) {
        visitors.Program = (node) => {
          const file = context.filename.slice(context.cwd.length + 1);
          if (path.test(file)) context.report({ node, message });
        };
      }
      return visitors;
    },
  };
}
