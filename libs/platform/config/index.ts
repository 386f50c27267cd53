export { ConfigModule } from './config.module.ts';
export { DatabaseConfig } from './database.config.ts';
export { ConfigError, EnvReader } from './env-reader.ts';
export { EnvironmentConfig } from './environment.config.ts';
export { HttpConfig } from './http.config.ts';
export { loadConfig, loadTopic } from './load-config.ts';
export { BUCKETS, RatesConfig, type Bucket, type BucketSize } from './rates.config.ts';
export { TelemetryConfig } from './telemetry.config.ts';
