import { resource } from '#platform/auth';

export const CREDENTIAL = resource('credential', 'credentials');
