import { resource } from '#platform/auth';

export const JOB = resource('job', 'jobs');
