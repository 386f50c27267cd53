import { resource } from '#platform/auth';

/** What a `{id}` under /strategies names. */
export const STRATEGY = resource('strategy', 'strategies');
