const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TENANT = '{tenantid}';

/** Whether a text is a GUID in lower case, as Entra writes them. */
export function isGuid(value: unknown): value is string {
  return typeof value === 'string' && GUID.test(value);
}

/**
 * Whether `issuer` is the one that `template` names, letter for letter; where it says `{tenantid}`, as documents of
 * Entra do, a GUID stands in its place.
 */
export function isIssuer(template: string, issuer: string): boolean {
  if (!template.includes(TENANT)) return template === issuer;
  const tenant = tenantOf(template, issuer);
  return tenant !== null && template.replace(TENANT, tenant) === issuer;
}

/** What stands in the place of `{tenantid}`; null where it is no GUID. */
export function tenantOf(template: string, issuer: string): string | null {
  const start = template.indexOf(TENANT);
  const tenant = issuer.slice(start, issuer.length - (template.length - start - TENANT.length));
  return start >= 0 && isGuid(tenant) ? tenant : null;
}
