import { type Route, auditedOf, notAuditedOf, takesBody } from '#platform/http';
import { type Door, type DoorStepUp, doorOf } from './door.ts';
import { PERMISSION_NAMES, type Permission, permissionRule } from './permissions.ts';
import { ROLES, atLeast } from './roles.ts';
import { SCOPE_BUNDLES } from './scopes.ts';

/** A route with how it is entered and whether what it changes is recorded. */
export interface DeclaredRoute {
  readonly method: string;
  readonly path: string;
  readonly handler: string;
  readonly door: Door | undefined;
  /** Audit action; undefined where none is declared. */
  readonly action: string | undefined;
  /** Why a changing route leaves no audit entry. */
  readonly unaudited: string | undefined;
  readonly takesBody: boolean;
}

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The doors of every route, by path and method. */
export function declaredRoutes(routes: readonly Route[]): DeclaredRoute[] {
  return routes
    .map(({ method, path, controller, property, handler }) => ({
      method,
      path,
      handler: `${controller.name}.${property}`,
      door: doorOf(handler, controller),
      action: auditedOf(handler)?.action,
      unaudited: notAuditedOf(handler),
      takesBody: takesBody(controller, property),
    }))
    .sort((a, b) => (a.path === b.path ? (a.method < b.method ? -1 : 1) : a.path < b.path ? -1 : 1));
}

/** What is wrong with the declarations, one sentence each; empty when every route declares its door. */
export function doorFaults(routes: readonly DeclaredRoute[]): string[] {
  return routes.flatMap((route) =>
    faultsOf(route).map((fault) => `${route.method} ${route.path} (${route.handler}) ${fault}`),
  );
}

function faultsOf({ method, path, door, action, unaudited, takesBody: body }: DeclaredRoute): string[] {
  const faults: string[] = [];
  const parameters = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name);
  if (!door) faults.push('declares no door: @Requires, @AuthenticatedOnly or @Public');
  if (!READS.has(method) && action === undefined && unaudited === undefined)
    faults.push('changes something but is neither @Audited nor @NotAudited');
  if (action !== undefined && unaudited !== undefined) faults.push('is both @Audited and @NotAudited');
  if (door?.kind !== 'requires') return faults;
  if (door.resource && !parameters.includes(door.param))
    faults.push(`has no path parameter ${door.param} for its resource`);
  if (!door.resource && parameters.includes('id'))
    faults.push('has an id in its path but names no resource, so a foreign id would not be 404');
  if (door.demands && (!body || (action ?? unaudited) === undefined))
    faults.push('demands by a body but takes none, or is neither @Audited nor @NotAudited, so nobody would ask');
  if (door.stepUp?.byBody && !door.demands) faults.push('asks for step-up by its body but declares no demands');
  return faults;
}

/** docs/permissions.md: permissions by role, scopes, and routes by door. */
export function permissionsDocument(routes: readonly DeclaredRoute[]): string {
  return [
    '# Permissions',
    '',
    'Written by the walk over all doors (`test/e2e/doors.e2e.spec.ts`) from `libs/platform/auth` and the routes; ' +
      'do not edit.',
    "A request is allowed when the role on the scope and the token's scopes both permit it. The superadmin role " +
      'holds every permission.',
    '',
    '## Roles',
    '',
    ...rolesTable(),
    '',
    '`live`: the role together with live_control. `own`: only what the caller started.',
    '',
    '## Scopes',
    '',
    'Every permission is also a scope. These permit several:',
    '',
    ...scopesTable(),
    '',
    '## Routes',
    '',
    ...routesTable(routes),
    '',
  ].join('\n');
}

function rolesTable(): string[] {
  const columns = [...ROLES, 'operator', 'auditor'] as const;
  const rows = PERMISSION_NAMES.map(
    (name) => `| \`${name}\` | ${columns.map((column) => cell(name, column)).join(' | ')} |`,
  );
  return [`| Permission | ${columns.join(' | ')} |`, `|---|${columns.map(() => '---|').join('')}`, ...rows];
}

function cell(name: Permission, column: (typeof ROLES)[number] | 'operator' | 'auditor'): string {
  const rule = permissionRule(name);
  if (column === 'operator' || column === 'auditor') return rule.staff?.includes(column) ? 'yes' : '';
  if (rule.role && atLeast(column, rule.role)) return rule.ownBelowAdmin && !atLeast(column, 'admin') ? 'own' : 'yes';
  return rule.liveControlRole && atLeast(column, rule.liveControlRole) ? 'live' : '';
}

function scopesTable(): string[] {
  const rows = [...SCOPE_BUNDLES]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([scope, permissions]) => {
      const all = permissions.size === PERMISSION_NAMES.length;
      return `| \`${scope}\` | ${
        all
          ? 'all'
          : [...permissions]
              .sort()
              .map((name) => `\`${name}\``)
              .join(' ')
      } |`;
    });
  return ['| Scope | Permits |', '|---|---|', ...rows];
}

function routesTable(routes: readonly DeclaredRoute[]): string[] {
  const rows = routes.map(({ method, path, door, action, unaudited }) => {
    const stepUp = door?.kind === 'requires' && door.stepUp ? stepUpText(door.stepUp) : '';
    const resource = door?.kind === 'requires' ? (door.resource?.kind ?? '') : '';
    return (
      `| ${method} \`${path}\` | ` +
      `${doorText(door, READS.has(method))} | ` +
      `${resource} | ${stepUp} | ${action === undefined ? (unaudited ?? '') : `\`${action}\``} |`
    );
  });
  return ['| Route | Door | Resource | Step-up | Audit action |', '|---|---|---|---|---|', ...rows];
}

function stepUpText({ maxAge, byBody }: DoorStepUp): string {
  return byBody ? `${maxAge} s, by body` : `${maxAge} s`;
}

function doorText(door: Door | undefined, reads: boolean): string {
  if (!door) return 'none';
  if (door.kind !== 'requires') return door.kind;
  return `\`${door.permission}\`${door.own && reads ? ', or his own' : ''}`;
}
