import { ConfigError } from './env-reader.ts';
import { JobsConfig } from './jobs.config.ts';
import { loadTopic } from './load-config.ts';

describe('slots of queues', () => {
  it('are those of all queues unless a queue has its own', () => {
    const config = loadTopic(JobsConfig, {
      ALPHASWARM_JOB_QUEUE_SLOTS: '5',
      ALPHASWARM_JOB_QUEUE_SLOTS_BACKTEST: '2',
      ALPHASWARM_JOB_QUEUE_SLOTS_PAPER: '0',
      ALPHASWARM_JOB_ORG_SLOTS_INGESTION: '3',
    });
    expect(['default', 'backtest', 'paper'].map((queue) => config.queueSlots(queue))).toEqual([5, 2, 0]);
    expect(['default', 'ingestion'].map((queue) => config.orgSlots(queue))).toEqual([8, 3]);
  });

  it.each([
    [
      { ALPHASWARM_JOB_QUEUE_SLOTS_BACKTESTS: '2' },
      /ALPHASWARM_JOB_QUEUE_SLOTS_BACKTESTS names no queue; it is one of/,
    ],
    [{ ALPHASWARM_JOB_ORG_SLOTS_backtest: '2' }, /ALPHASWARM_JOB_ORG_SLOTS_backtest names no queue/],
    [{ ALPHASWARM_JOB_ORG_SLOTS_PAPER: '0' }, /ALPHASWARM_JOB_ORG_SLOTS_PAPER is an integer from 1/],
  ])('refuses %j', (env, message) => {
    expect(() => loadTopic(JobsConfig, env)).toThrow(ConfigError);
    expect(() => loadTopic(JobsConfig, env)).toThrow(message);
  });
});
