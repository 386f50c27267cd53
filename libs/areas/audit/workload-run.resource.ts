import { resource } from '#platform/auth';

/** A run may touch several scopes or none; whose runs a caller reads is narrowed by AuditScope. */
export const WORKLOAD_RUN = resource('workload_run', 'workload_runs', { scope: null });
