/** Ids of the local mode's first organization, those of the older platform, so that its clients find what they know. */
export const DEFAULT_IDS = {
  organization: '00000000-0000-0000-0000-000000000001',
  team: '00000000-0000-0000-0000-000000000002',
  user: '00000000-0000-0000-0000-000000000003',
  workspace: '00000000-0000-0000-0000-000000000004',
  project: '00000000-0000-0000-0000-000000000005',
  lab: '00000000-0000-0000-0000-000000000006',
} as const;

export const DEFAULT_ORGANIZATION = 'default';
export const LOCAL_USER = { subject: 'local', email: 'local@aqp.dev' } as const;
