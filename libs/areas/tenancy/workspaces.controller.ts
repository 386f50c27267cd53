import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '#platform/auth';
import { Context, type RequestContext } from '#platform/context';
import { ApiPage, CursorCodec, type Page, PageQuery, Reply, Sends } from '#platform/http';
import { LabView, ProjectView, WorkspaceView } from './dto/scope.views.ts';
import { byName, view } from './scope-views.ts';
import { ScopesService } from './scopes.service.ts';
import { LAB, PROJECT, WORKSPACE } from './tenancy.resources.ts';

/** Routes of platform.md 8.2. */
@ApiTags('tenancy')
@Controller('tenancy')
export class WorkspacesController {
  constructor(
    private readonly scopes: ScopesService,
    private readonly cursors: CursorCodec,
  ) {}

  @Get('workspaces')
  @Requires('workspace:read', { at: 'org' })
  @ApiOperation({ summary: 'List workspaces that I can see, by name' })
  @ApiPage(WorkspaceView)
  async workspaces(@Context() ctx: RequestContext, @Query() query: PageQuery): Promise<Page<WorkspaceView>> {
    const page = this.cursors.page(ctx, 'tenancy/workspaces', query);
    return page.map(await this.scopes.list(ctx, 'workspaces', page), byName, view);
  }

  @Get('workspaces/:id')
  @Requires('workspace:read', { resource: WORKSPACE })
  @ApiOperation({ summary: 'A workspace' })
  @Sends('ETag')
  @ApiOkResponse({ type: WorkspaceView })
  async workspace(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Reply() reply: Reply,
  ): Promise<WorkspaceView> {
    const row = await this.scopes.find(ctx, 'workspaces', id);
    reply.etag(row.version);
    return view(row);
  }

  @Get('workspaces/:id/projects')
  @Requires('workspace:read', { resource: WORKSPACE })
  @ApiOperation({ summary: 'List projects of a workspace that I can see, by name' })
  @ApiPage(ProjectView)
  async projects(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Query() query: PageQuery,
  ): Promise<Page<ProjectView>> {
    const page = this.cursors.page(ctx, `tenancy/workspaces/${id}/projects`, query);
    return page.map(await this.scopes.list(ctx, 'projects', page, id), byName, view);
  }

  @Get('workspaces/:id/labs')
  @Requires('workspace:read', { resource: WORKSPACE })
  @ApiOperation({ summary: 'List labs of a workspace that I can see, by name' })
  @ApiPage(LabView)
  async labs(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Query() query: PageQuery,
  ): Promise<Page<LabView>> {
    const page = this.cursors.page(ctx, `tenancy/workspaces/${id}/labs`, query);
    return page.map(await this.scopes.list(ctx, 'labs', page, id), byName, view);
  }

  @Get('projects/:id')
  @Requires('project:read', { resource: PROJECT })
  @ApiOperation({ summary: 'A project' })
  @Sends('ETag')
  @ApiOkResponse({ type: ProjectView })
  async project(@Context() ctx: RequestContext, @Param('id') id: string, @Reply() reply: Reply): Promise<ProjectView> {
    const row = await this.scopes.find(ctx, 'projects', id);
    reply.etag(row.version);
    return view(row);
  }

  @Get('labs/:id')
  @Requires('lab:read', { resource: LAB })
  @ApiOperation({ summary: 'A lab' })
  @Sends('ETag')
  @ApiOkResponse({ type: LabView })
  async lab(@Context() ctx: RequestContext, @Param('id') id: string, @Reply() reply: Reply): Promise<LabView> {
    const row = await this.scopes.find(ctx, 'labs', id);
    reply.etag(row.version);
    return view(row);
  }
}
