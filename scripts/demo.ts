import { EnvReader } from '../libs/platform/config/env-reader.ts';
import { ApiClient, ConsoleReporter, resultTable, runMainJob } from '../libs/platform/main-job/index.ts';

/**
 * The main job as a client does it, against the running service on PORT, through the public API only. Failures are one
 * line on stderr and exit code 1.
 */
async function main(): Promise<void> {
  const url = `http://127.0.0.1:${new EnvReader(process.env).integer('PORT', 8000)}`;
  const api = new ApiClient(url, await token(url));
  const result = await runMainJob(api, new ConsoleReporter().tell);
  const link = await api.post<{ url: string }>(`/backtests/${result.backtestId}/report/link`);
  process.stdout.write(`\n${resultTable(result)}\n\ntear sheet (15 minutes): ${link.url}\n`);
}

async function token(url: string): Promise<string> {
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: 'demo', role: 'owner' }),
  };
  const response = await fetch(`${url}/auth/dev/token`, request).catch((cause: unknown) => {
    throw new Error(`No service answers at ${url}. Start it with npm start, or set PORT.`, { cause });
  });
  const answer = (await response.json()) as { access_token?: string; detail?: string };
  if (!answer.access_token) throw new Error(`The service answered ${response.status}: ${answer.detail ?? 'no detail'}`);
  return answer.access_token;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message.split('\n')[0] : String(error)}\n`);
  process.exitCode = 1;
});
