export { HealthModule } from './health.module.ts';
export { HealthMonitor, type Readiness } from './health-monitor.ts';
export { HealthProbes, type HealthProbe, type ProbeName } from './health-probes.ts';
export { DirectoryInUseError, lockDataDirectory } from './instance-lock.ts';
