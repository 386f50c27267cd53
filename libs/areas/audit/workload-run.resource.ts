import { resource } from '#platform/auth';

export const WORKLOAD_RUN = resource('workload_run', 'workload_runs');
