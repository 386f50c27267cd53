import { Inject, Injectable } from '@nestjs/common';
import { ProvisioningService } from '#areas/tenancy';
import { NotFoundError } from '#kernel';
import { LocalIssuer } from '#platform/auth';
import type { DevTokenBody } from './dto/auth.requests.ts';
import type { DevToken } from './dto/auth.views.ts';

/** Tokens for development and tests (platform.md 3.10). */
@Injectable()
export class DevTokenService {
  constructor(
    private readonly provisioning: ProvisioningService,
    @Inject(LocalIssuer) private readonly issuer: LocalIssuer | null,
  ) {}

  async issue(request: DevTokenBody): Promise<DevToken> {
    if (!this.issuer) throw new NotFoundError();
    const superadmin = request.role === 'superadmin';
    await this.provisioning.ensureMember({
      user: request.user,
      organization: request.org,
      role: request.role === 'superadmin' ? 'owner' : request.role,
    });
    const access_token = await this.issuer.mint({
      user: request.user,
      organization: request.org,
      scope: request.scope ?? (superadmin ? 'platform:admin' : 'admin:org'),
      ttlSeconds: request.ttl_seconds,
      acr: request.acr,
      authTime: request.auth_time,
      audience: request.resource,
    });
    return { access_token, token_type: 'Bearer', expires_in: request.ttl_seconds };
  }
}
