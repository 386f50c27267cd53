import { Injectable } from '@nestjs/common';
import { Clock, DomainError, newId } from '#kernel';
import { WorkloadRuntime } from '#platform/audit';
import { AuthorizationRepository, GrantSnapshots, LOCAL_ISSUER, type Role } from '#platform/auth';
import { EnvironmentConfig } from '#platform/config';
import { type RequestContext, systemContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { DEFAULT_IDS, DEFAULT_ORGANIZATION, LOCAL_USER } from './default-ids.ts';
import { ProvisioningRepository } from './provisioning.repository.ts';

export interface LocalMember {
  /** Subject of the local issuer. */
  readonly user: string;
  /** Slug of the organization. */
  readonly organization: string;
  readonly role: Role;
}

export interface ProvisionedMember {
  readonly userId: string;
  readonly orgId: string;
}

/** Another process has made the organization in between, under another id. */
class OrganizationTakenError extends DomainError {
  constructor() {
    super(409, 'conflict', { detail: 'The organization has just been made.' });
  }
}

/** Makes the organizations and people of the local issuer when they are first named (platform.md 3.10). */
@Injectable()
export class ProvisioningService {
  constructor(
    private readonly repository: ProvisioningRepository,
    private readonly lookups: AuthorizationRepository,
    private readonly snapshots: GrantSnapshots,
    private readonly tx: TenantTransaction,
    private readonly workloads: WorkloadRuntime,
    private readonly clock: Clock,
    private readonly environment: EnvironmentConfig,
  ) {}

  /**
   * Creates organization (with a workspace and a project), user and membership where they are missing, and sets the
   * role. The role is set even when the organization is left without owner: this is the tool that tests choose their
   * roles with.
   */
  async ensureMember(member: LocalMember): Promise<ProvisionedMember> {
    const known = await this.lookups.organizationBySlug(member.organization);
    const orgId = known?.id ?? this.#idFor(member.organization);
    const ctx = systemContext('provisioning', newId(this.clock), { orgId, platform: true });
    const present = await this.tx.run(ctx, () => this.#present(member, orgId));
    if (present) return present;
    try {
      return await this.#write(ctx, member, orgId);
    } catch (error) {
      if (error instanceof OrganizationTakenError) return this.ensureMember(member);
      throw error;
    } finally {
      this.snapshots.forgetAll();
    }
  }

  async knows(user: string): Promise<boolean> {
    return (await this.lookups.identity('local', LOCAL_ISSUER, user)) !== null;
  }

  #idFor(slug: string): string {
    return slug === DEFAULT_ORGANIZATION ? DEFAULT_IDS.organization : newId(this.clock);
  }

  async #present({ user, role }: LocalMember, orgId: string): Promise<ProvisionedMember | null> {
    const userId = await this.repository.userOf('local', LOCAL_ISSUER, user);
    return userId !== null && (await this.repository.roleOf(userId, orgId)) === role ? { userId, orgId } : null;
  }

  async #write(
    ctx: RequestContext,
    { user, organization, role }: LocalMember,
    orgId: string,
  ): Promise<ProvisionedMember> {
    const intent = {
      action: 'membership.provision',
      targetKind: 'org',
      targetId: orgId,
      payload: { user, organization, role },
    };
    return this.workloads.run(ctx, intent, async () => {
      await this.repository.lock();
      const existing = await this.repository.organizationId(organization);
      if (existing !== null && existing !== orgId) throw new OrganizationTakenError();
      if (existing === null) await this.#createOrganization(orgId, organization);
      const userId = (await this.repository.userOf('local', LOCAL_ISSUER, user)) ?? (await this.#createUser(user));
      if ((await this.repository.roleOf(userId, orgId)) !== role) {
        await this.repository.setRole(newId(this.clock), userId, orgId, role, ctx.principal.actor);
      }
      return { userId, orgId };
    });
  }

  async #createOrganization(orgId: string, slug: string): Promise<void> {
    const isDefault = slug === DEFAULT_ORGANIZATION;
    const id = (fixed: string): string => (isDefault ? fixed : newId(this.clock));
    const scope = { orgId, slug: 'default', name: 'Default' };
    await this.repository.createOrganization(orgId, slug, isDefault ? 'Default' : slug, this.environment.cellId);
    await this.repository.createTeam({ ...scope, id: id(DEFAULT_IDS.team) });
    const workspaceId = id(DEFAULT_IDS.workspace);
    await this.repository.createWorkspace({ ...scope, id: workspaceId });
    await this.repository.createProject({ ...scope, id: id(DEFAULT_IDS.project) }, workspaceId);
    await this.repository.createLab({ ...scope, id: id(DEFAULT_IDS.lab) }, workspaceId);
  }

  async #createUser(subject: string): Promise<string> {
    const local = subject === LOCAL_USER.subject;
    const id = local ? DEFAULT_IDS.user : newId(this.clock);
    // Addresses compare without case and are unique, subjects compare exactly.
    const name = /^[a-z0-9][a-z0-9._+-]*$/.test(subject) ? subject : id;
    const email = local ? LOCAL_USER.email : `${name}@local.alphaswarm.invalid`;
    await this.repository.createUser(id, email, subject);
    await this.repository.linkIdentity(newId(this.clock), id, 'local', LOCAL_ISSUER, subject, email);
    return id;
  }
}
