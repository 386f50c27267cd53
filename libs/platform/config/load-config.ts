import { AuditConfig } from './audit.config.ts';
import { AuthConfig } from './auth.config.ts';
import { BacktestConfig } from './backtest.config.ts';
import { CredentialsConfig } from './credentials.config.ts';
import { DatabaseConfig } from './database.config.ts';
import { EgressConfig } from './egress.config.ts';
import { ConfigError, EnvReader } from './env-reader.ts';
import { EnvelopeConfig } from './envelope.config.ts';
import { EnvironmentConfig } from './environment.config.ts';
import { HttpConfig } from './http.config.ts';
import { IngestConfig } from './ingest.config.ts';
import { LakeConfig } from './lake.config.ts';
import { JobsConfig } from './jobs.config.ts';
import { ProgressConfig } from './progress.config.ts';
import { RatesConfig } from './rates.config.ts';
import { StorageConfig } from './storage.config.ts';
import { TelemetryConfig } from './telemetry.config.ts';

/** One class per topic. A new topic is one file and one line here. */
const TOPICS: readonly (new (env: EnvReader) => object)[] = [
  EnvironmentConfig,
  HttpConfig,
  AuthConfig,
  BacktestConfig,
  CredentialsConfig,
  DatabaseConfig,
  EgressConfig,
  EnvelopeConfig,
  AuditConfig,
  LakeConfig,
  IngestConfig,
  JobsConfig,
  ProgressConfig,
  RatesConfig,
  StorageConfig,
  TelemetryConfig,
];

/** Reads every topic once. Throws ConfigError with all problems of all topics. */
export function loadConfig(env: NodeJS.ProcessEnv): object[] {
  const reader = new EnvReader(env);
  const topics = TOPICS.map((Topic) => new Topic(reader));
  if (reader.problems.length > 0) throw new ConfigError(reader.problems);
  return topics;
}

/** One topic alone, for processes and tests that need no Nest container. */
export function loadTopic<T extends object>(Topic: new (env: EnvReader) => T, env: NodeJS.ProcessEnv): T {
  const reader = new EnvReader(env);
  const topic = new Topic(reader);
  if (reader.problems.length > 0) throw new ConfigError(reader.problems);
  return topic;
}
