import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuthenticatedOnly, Requires } from '#platform/auth';
import { Context, type RequestContext } from '#platform/context';
import { ApiPage, CursorCodec, type Page, PageQuery, Reply, Sends } from '#platform/http';
import { EffectiveMembership, MembershipView, UserView } from './dto/member.views.ts';
import { EffectiveQuery, ListMemberships } from './dto/membership.requests.ts';
import { MembersService } from './members.service.ts';
import { view } from './scope-views.ts';
import { USER } from './tenancy.resources.ts';

/** Routes of platform.md 8.2, 8.3. */
@ApiTags('tenancy')
@Controller()
export class MembersController {
  constructor(
    private readonly members: MembersService,
    private readonly cursors: CursorCodec,
  ) {}

  @Get('tenancy/users')
  @Requires('org:read', { at: 'org' })
  @ApiOperation({ summary: 'List people of the active organization by name' })
  @ApiPage(UserView)
  async users(@Context() ctx: RequestContext, @Query() query: PageQuery): Promise<Page<UserView>> {
    const page = this.cursors.page(ctx, 'tenancy/users', query);
    return page.map(await this.members.users(ctx, page), ({ display_name, id }) => [display_name, id], view);
  }

  @Get('tenancy/users/:id')
  @Requires('org:read', { resource: USER, at: 'org' })
  @ApiOperation({ summary: 'Somebody who shares the active organization' })
  @Sends('ETag')
  @ApiOkResponse({ type: UserView })
  async user(@Context() ctx: RequestContext, @Param('id') id: string, @Reply() reply: Reply): Promise<UserView> {
    const row = await this.members.user(ctx, id);
    reply.etag(row.version);
    return view(row);
  }

  @Get('membership')
  @Requires('membership:read')
  @ApiOperation({ summary: 'List grants on a scope, or of a subject' })
  @ApiPage(MembershipView)
  async memberships(@Context() ctx: RequestContext, @Query() query: ListMemberships): Promise<Page<MembershipView>> {
    const page = this.cursors.page(ctx, 'membership', query);
    return page.map(await this.members.memberships(ctx, query, page), ({ id }) => [id], view);
  }

  @Get('membership/effective')
  @AuthenticatedOnly()
  @ApiOperation({ summary: 'The role somebody has on a scope, and why' })
  @ApiOkResponse({ type: EffectiveMembership })
  effective(@Context() ctx: RequestContext, @Query() query: EffectiveQuery): Promise<EffectiveMembership> {
    return this.members.effective(ctx, query);
  }
}
