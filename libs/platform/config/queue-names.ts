/** Queues of the platform and who drains them (platform.md 10.1); a processor names one of these. */
export const QUEUES = [
  'default',
  'backtest',
  'paper',
  'terraform',
  'ingestion',
  'workflows',
  'agents',
  'training',
  'rag',
  'ml',
  'factors',
  'remote',
] as const;
export type QueueName = (typeof QUEUES)[number];
