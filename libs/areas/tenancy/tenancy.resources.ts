import { resource } from '#platform/auth';

export const ORGANIZATION = resource('org', 'organizations');
export const TEAM = resource('team', 'teams');
export const WORKSPACE = resource('workspace', 'workspaces');
export const PROJECT = resource('project', 'projects');
export const LAB = resource('lab', 'labs');
export const USER = resource('user', 'users', { scope: null });
export const MEMBERSHIP = resource('membership', 'memberships', { scope: 'scope_id' });

/** By the `scope_kind` of a grant. */
export const SCOPES = { org: ORGANIZATION, team: TEAM, workspace: WORKSPACE, project: PROJECT, lab: LAB } as const;
