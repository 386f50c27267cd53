import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { Logger } from 'nestjs-pino';
import { ReportService } from '#areas/backtests';
import { InstrumentRegistry } from '#areas/data';
import { newId } from '#kernel';
import { EnvironmentConfig } from '#platform/config';
import { inWorkspace, systemContext } from '#platform/context';
import { ApiClient, ConsoleReporter, runMainJob, SAMPLE_SYMBOL } from '#platform/main-job';

const LINK_LIFETIME_MS = 24 * 3_600_000;

interface WhoAmI {
  active_context: { org_id: string; workspace_id: string };
}

/**
 * Development only: on an empty data directory does the main job through the service's own API, then prints where to
 * look and a token. Later starts print the same run again. The service runs on whatever happens here.
 */
export async function welcome(
  app: INestApplication,
  url: string,
  out: NodeJS.WriteStream = process.stdout,
): Promise<void> {
  try {
    await greet(app, url, out);
  } catch (error) {
    app.get(Logger).error(error, 'first-start');
  }
}

async function greet(app: INestApplication, url: string, out: NodeJS.WriteStream): Promise<void> {
  const token = await localToken(url);
  const api = new ApiClient(url, token);
  const { active_context: active } = await api.get<WhoAmI>('/auth/whoami');
  const context = systemContext('first-start', newId(), { orgId: active.org_id });
  const marker = join(app.get(EnvironmentConfig).dataDir, 'first-start.json');
  if (!existsSync(marker)) {
    // The sample is ours: that its symbol is new is no news to the newcomer.
    await app
      .get(InstrumentRegistry)
      .ensure(inWorkspace({ ...context, workspaceId: active.workspace_id }), [SAMPLE_SYMBOL]);
    out.write('\nFirst start: market data, a strategy and its backtest.\n');
    const { backtestId } = await runMainJob(api, new ConsoleReporter(out).tell);
    writeFileSync(marker, JSON.stringify({ backtest_id: backtestId }));
  }
  const { backtest_id: backtestId } = JSON.parse(readFileSync(marker, 'utf8')) as { backtest_id: string };
  const { path } = await app.get(ReportService).link(context, backtestId, LINK_LIFETIME_MS);
  out.write(`
  service     ${url}
  tear sheet  ${url}${path}
  API         ${url}/docs

  token (user local, one hour; npm run token prints another)
  ${token}

`);
}

async function localToken(url: string): Promise<string> {
  const response = await fetch(`${url}/auth/dev/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  if (!response.ok) throw new Error(`the local issuer answered ${response.status}`);
  const { access_token: token } = (await response.json()) as { access_token: string };
  return token;
}
