import { parseArgs } from 'node:util';
import { EnvReader } from '../libs/platform/config/env-reader.ts';

const USAGE =
  'npm run token -- [--user ann] [--role viewer|editor|admin|owner|superadmin] [--org SLUG] [--scope "a b"] ' +
  '[--acr high] [--auth-time SECONDS] [--ttl SECONDS] [--resource URI]';

/**
 * Prints one token of the running service's local issuer and nothing else. Failures are one line on stderr and exit
 * code 1.
 */
async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      user: text,
      role: text,
      org: text,
      scope: text,
      acr: text,
      'auth-time': text,
      ttl: text,
      resource: text,
    },
  });
  const { ttl, 'auth-time': authTime, ...rest } = values;
  const body = { ...rest, ttl_seconds: seconds('--ttl', ttl), auth_time: seconds('--auth-time', authTime) };
  const port = new EnvReader(process.env).integer('PORT', 8000);
  const response = await post(`http://127.0.0.1:${port}/auth/dev/token`, JSON.stringify(body));
  const answer = (await response.json()) as {
    access_token?: string;
    detail?: string;
    errors?: { pointer: string; message: string }[];
  };
  if (!response.ok || !answer.access_token) {
    const faults = answer.errors?.map(({ pointer, message }) => `${pointer} ${message}`).join('; ');
    throw new Error(
      `The service on port ${port} answered ${response.status}: ${faults ?? answer.detail ?? 'no detail'}`,
    );
  }
  process.stdout.write(`${answer.access_token}\n`);
}

async function post(url: string, body: string): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(10_000),
    });
  } catch (error) {
    throw new Error(`No service answers at ${url}. Start it with npm start, or set PORT.`, { cause: error });
  }
}

function seconds(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d+$/.test(value)) throw new Error(`${option} is a number of seconds. ${USAGE}`);
  return Number(value);
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message.split('\n')[0] : String(error);
  process.stderr.write(`${error instanceof TypeError ? `${message} ${USAGE}` : message}\n`);
  process.exitCode = 1;
});
