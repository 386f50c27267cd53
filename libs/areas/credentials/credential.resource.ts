import { resource } from '#platform/auth';

export const CREDENTIAL = resource('credential', 'credentials');

/** Where a credential may count beside its organization. */
export const WORKSPACE = resource('workspace', 'workspaces');
