import { PassThrough } from 'node:stream';
import type { Request, Response } from 'express';
import pino, { type Logger } from 'pino';
import { resolvedSecrets } from '#platform/audit';
import { EnvironmentConfig, TelemetryConfig, loadTopic } from '#platform/config';
import { type RoutedRequest, openExchange } from '#platform/http';
import { pinoOptions } from './log-options.ts';

function logger(env: NodeJS.ProcessEnv = {}): { log: Logger; lines: () => Record<string, unknown>[] } {
  const out = new PassThrough();
  const log = pino(pinoOptions(loadTopic(TelemetryConfig, env), loadTopic(EnvironmentConfig, env)), out);
  return {
    log,
    lines: () =>
      String(out.read() ?? '')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe('pinoOptions', () => {
  it('writes the fields of the contract', () => {
    const { log, lines } = logger();
    log.warn({ logger: 'jobs' }, 'slow');
    expect(lines()).toEqual([
      { level: 'warn', ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/), logger: 'jobs', msg: 'slow' },
    ]);
  });

  it('adds who and where while a request is answered', () => {
    const { log, lines } = logger();
    const request = { requestId: 'r1', context: { orgId: 'o1', principal: { id: 'p1' } } } as unknown as RoutedRequest &
      Request;
    openExchange({ request, response: {} as Response }, () => log.info('inside'));
    expect(lines()).toMatchObject([{ request_id: 'r1', org_id: 'o1', principal_id: 'p1', msg: 'inside' }]);
  });

  it('tells the code of an error, and its stack in development only', () => {
    const error = Object.assign(new Error('duplicate key (email)=(ann@example.com)'), { code: '23505' });
    const production = logger({ ALPHASWARM_ENV: 'prod' });
    production.log.error({ error }, 'failed');
    const [line] = production.lines();
    expect(JSON.stringify(line)).not.toContain('ann@example.com');
    expect(line).toMatchObject({ error: { code: '23505' } });
    const development = logger({ ALPHASWARM_ENV: 'dev' });
    development.log.error({ error }, 'failed');
    expect(development.lines()).toMatchObject([
      { error: { code: '23505', stack: expect.stringContaining('duplicate key') } },
    ]);
  });

  it('masks what a run has resolved, wherever it stands and whatever it looks like', () => {
    const { log, lines } = logger({ ALPHASWARM_ENV: 'dev' });
    const release = resolvedSecrets.register('correct horse battery');
    const error = Object.assign(new Error('no correct horse battery'), { code: 'correct horse battery' });
    log.warn({ of: ['correct horse battery'], error }, 'correct horse battery');
    release();
    const [line] = lines();
    expect(line).toMatchObject({ of: ['[REDACTED]'], error: { code: '[REDACTED]' }, msg: '[REDACTED]' });
    expect(JSON.stringify(line)).not.toContain('horse');
  });

  it('masks secrets in fields, messages and stacks', () => {
    const { log, lines } = logger({ ALPHASWARM_ENV: 'dev' });
    log.warn(
      { client_secret: 'canary-1', url: 'redis://:canary-2@redis:6379/0', error: new Error('password=canary-3') },
      'token=canary-4',
    );
    expect(lines()).toMatchObject([
      {
        client_secret: '[REDACTED]',
        url: 'redis://[REDACTED]@redis:6379/0',
        msg: 'token=[REDACTED]',
        error: { code: 'Error' },
      },
    ]);
    log.warn(new Error('Bearer canary-5-abcdef'));
    expect(JSON.stringify(lines())).not.toContain('canary');
  });

  it('leaves out what the framework says at every start, but not its warnings', () => {
    const { log, lines } = logger();
    log.info({ logger: 'RouterExplorer' }, 'mapped');
    log.warn({ logger: 'RouterExplorer' }, 'odd');
    expect(lines()).toMatchObject([{ msg: 'odd' }]);
  });
});
