import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '#platform/auth';
import { Context, type RequestContext } from '#platform/context';
import { ApiPage, CursorCodec, type Page, PageQuery, Reply, Sends } from '#platform/http';
import { OrganizationView, TeamView } from './dto/scope.views.ts';
import { byName, view } from './scope-views.ts';
import { ScopesService } from './scopes.service.ts';
import { ORGANIZATION, TEAM } from './tenancy.resources.ts';

/** Routes of platform.md 8.2. */
@ApiTags('tenancy')
@Controller('tenancy')
export class OrganizationsController {
  constructor(
    private readonly scopes: ScopesService,
    private readonly cursors: CursorCodec,
  ) {}

  @Get('orgs')
  @Requires('org:read', { at: 'org' })
  @ApiOperation({ summary: 'List my organizations by name' })
  @ApiPage(OrganizationView)
  async organizations(@Context() ctx: RequestContext, @Query() query: PageQuery): Promise<Page<OrganizationView>> {
    const page = this.cursors.page(ctx, 'tenancy/orgs', query);
    return page.map(await this.scopes.organizations(ctx, page), byName, view);
  }

  @Get('orgs/:id')
  @Requires('org:read', { resource: ORGANIZATION })
  @ApiOperation({ summary: 'One of my organizations' })
  @Sends('ETag')
  @ApiOkResponse({ type: OrganizationView })
  async organization(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Reply() reply: Reply,
  ): Promise<OrganizationView> {
    const row = await this.scopes.find(ctx, 'organizations', id);
    reply.etag(row.version);
    return view(row);
  }

  @Get('teams')
  @Requires('team:read', { at: 'org' })
  @ApiOperation({ summary: 'List teams of the active organization by name' })
  @ApiPage(TeamView)
  async teams(@Context() ctx: RequestContext, @Query() query: PageQuery): Promise<Page<TeamView>> {
    const page = this.cursors.page(ctx, 'tenancy/teams', query);
    return page.map(await this.scopes.list(ctx, 'teams', page), byName, view);
  }

  @Get('teams/:id')
  @Requires('team:read', { resource: TEAM })
  @ApiOperation({ summary: 'A team' })
  @Sends('ETag')
  @ApiOkResponse({ type: TeamView })
  async team(@Context() ctx: RequestContext, @Param('id') id: string, @Reply() reply: Reply): Promise<TeamView> {
    const row = await this.scopes.find(ctx, 'teams', id);
    reply.etag(row.version);
    return view(row);
  }
}
