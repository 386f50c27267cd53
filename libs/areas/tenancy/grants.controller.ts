import { Body, Controller, Delete, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '#platform/auth';
import { Context, type RequestContext } from '#platform/context';
import { Audited, IfMatch, type Precondition, Refuses, Reply, Sends } from '#platform/http';
import { MembershipView } from './dto/member.views.ts';
import {
  ChangeMembershipBody,
  GrantMembershipBody,
  demandsOfChange,
  demandsOfGrant,
} from './dto/membership.requests.ts';
import { GrantsService } from './grants.service.ts';
import { view } from './scope-views.ts';
import { MEMBERSHIP } from './tenancy.resources.ts';

const STEP_UP = { maxAge: 600, byBody: true };

/** Writes of platform.md 8.3. */
@ApiTags('tenancy')
@Controller('membership')
export class GrantsController {
  constructor(private readonly grants: GrantsService) {}

  @Post()
  @Requires('membership:read', { at: 'org', stepUp: STEP_UP, demands: demandsOfGrant })
  @Audited('membership.grant')
  @Refuses('conflict', 'quota_exceeded')
  @Sends('ETag')
  @ApiOperation({ summary: 'Give somebody a role on a scope' })
  @ApiCreatedResponse({ type: MembershipView })
  async grant(
    @Context() ctx: RequestContext,
    @Body() body: GrantMembershipBody,
    @Reply() reply: Reply,
  ): Promise<MembershipView> {
    const row = await this.grants.grant(ctx, body);
    reply.etag(row.version);
    return view(row);
  }

  @Patch(':id')
  @Requires('membership:grant', { resource: MEMBERSHIP, stepUp: STEP_UP, demands: demandsOfChange })
  @Audited('membership.change')
  @Refuses('role_too_high', 'last_owner')
  @Sends('ETag')
  @ApiOperation({ summary: 'Change role, live control or expiry of a grant' })
  @ApiOkResponse({ type: MembershipView })
  async change(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Body() body: ChangeMembershipBody,
    @IfMatch({ required: true }) ifMatch: Precondition,
    @Reply() reply: Reply,
  ): Promise<MembershipView> {
    const row = await this.grants.change(ctx, id, body, ifMatch);
    reply.etag(row.version);
    return view(row);
  }

  @Delete(':id')
  @HttpCode(204)
  @Requires('membership:grant', { resource: MEMBERSHIP })
  @Audited('membership.revoke')
  @Refuses('role_too_high', 'last_owner')
  @ApiOperation({ summary: 'Take a grant back' })
  @ApiNoContentResponse()
  revoke(@Context() ctx: RequestContext, @Param('id') id: string, @IfMatch() ifMatch: Precondition): Promise<void> {
    return this.grants.revoke(ctx, id, ifMatch);
  }
}
