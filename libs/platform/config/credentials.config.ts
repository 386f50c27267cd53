import { join, resolve } from 'node:path';
import type { EnvReader } from './env-reader.ts';

const SERVICE = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** Credentials of the installation itself, behind those of its tenants (platform.md 15.3). */
export class CredentialsConfig {
  /** Services for which tenants without a credential of their own spend the installation's. None by default. */
  readonly platformServices: ReadonlySet<string>;
  /** Values of the variables `<SERVICE>_…` of those services, by name. */
  readonly variables: ReadonlyMap<string, string>;
  /** Holds `<service>/<purpose>`, each readable by its owner only. Absolute. */
  readonly directory: string;

  constructor(env: EnvReader) {
    const services = env.list('ALPHASWARM_PLATFORM_CREDENTIALS');
    for (const service of services)
      if (!SERVICE.test(service)) env.refuse(`ALPHASWARM_PLATFORM_CREDENTIALS: ${service} names no service`);
    this.platformServices = new Set(services);
    const names = services.flatMap((service) => env.names(variableName(service, '')));
    this.variables = new Map(names.map((name) => [name, env.text(name, '')]));
    this.directory = resolve(
      env.text('ALPHASWARM_CREDENTIALS_DIR', join(env.text('ALPHASWARM_DATA_DIR', '.data'), 'credentials')),
    );
  }

  /** Purposes for which there is a variable, in lower case with `_`. */
  purposesOf(service: string): string[] {
    if (!this.platformServices.has(service)) return [];
    const prefix = variableName(service, '');
    return [...this.variables.keys()]
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length).toLowerCase());
  }

  /** The variable `<SERVICE>_<PURPOSE>`. */
  variable(service: string, purpose: string): string | undefined {
    return this.variables.get(variableName(service, purpose));
  }
}

function variableName(service: string, purpose: string): string {
  return `${service}_${purpose}`.toUpperCase().replaceAll('-', '_');
}
