import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ROLES, type Role } from '#platform/auth';
import { AuthConfig } from '#platform/config';
import { DEFAULT_ORGANIZATION, LOCAL_USER } from './default-ids.ts';
import { ProvisioningService } from './provisioning.service.ts';

/**
 * The first organization of an installation with the local issuer: its owner `local`, and one user per role, named like
 * the role.
 */
@Injectable()
export class TenancySeed implements OnApplicationBootstrap {
  constructor(
    private readonly provisioning: ProvisioningService,
    private readonly config: AuthConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.config.provider === 'local') await this.ensure();
  }

  /** Safe to repeat: whoever is there already keeps the role he has. */
  async ensure(): Promise<void> {
    const people: [user: string, role: Role][] = [
      [LOCAL_USER.subject, 'owner'],
      ...ROLES.map((role): [string, Role] => [role, role]),
    ];
    for (const [user, role] of people) {
      if (await this.provisioning.knows(user)) continue;
      await this.provisioning.ensureMember({ user, organization: DEFAULT_ORGANIZATION, role });
    }
  }
}
