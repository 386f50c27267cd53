import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { DomainError } from '#kernel';
import { Authorization, type GuardedRequest } from '#platform/auth';
import { JobsService } from './jobs.service.ts';

/** Below `admin` one stops and repeats only what one has started oneself (platform.md 5.3). */
@Injectable()
export class OwnJobsGuard implements CanActivate {
  constructor(
    private readonly authorization: Authorization,
    private readonly jobs: JobsService,
  ) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const { context, access, resource } = execution.switchToHttp().getRequest<GuardedRequest>();
    if (!context || !access || !resource) throw new Error('This guard stands behind @Requires with a resource.');
    if (!this.authorization.ownOnly('job:cancel', access)) return true;
    const { created_by: startedBy } = await this.jobs.detail(context, resource.id);
    if (startedBy === context.principal.actor) return true;
    throw new DomainError(403, 'forbidden', {
      detail: 'Somebody else started this job.', hint: 'An admin may cancel and retry jobs of others.', members: { required_permission: 'job:cancel' },
    });
  }
}
