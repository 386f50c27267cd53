import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ValidationError } from '#kernel';
import { Requires } from '#platform/auth';
import { Context, type RequestContext } from '#platform/context';
import { ApiPage, CursorCodec, type Page, PageQuery } from '#platform/http';
import { DiffQuery } from './dto/strategy.requests.ts';
import { TestSummary, VersionDetail, VersionDiff, VersionSummary } from './dto/strategy.views.ts';
import { positionOf } from './list-position.ts';
import { StrategyViewsService } from './strategy-views.service.ts';
import { STRATEGY } from './strategy.resource.ts';

@ApiTags('strategies')
@Controller('strategies/:id')
export class StrategyHistoryController {
  constructor(
    private readonly views: StrategyViewsService,
    private readonly cursors: CursorCodec,
  ) {}

  @Get('tests')
  @Requires('strategy:view', { resource: STRATEGY })
  @ApiOperation({ summary: 'List the tests of a strategy, newest first' })
  @ApiPage(TestSummary)
  async tests(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Query() query: PageQuery,
  ): Promise<Page<TestSummary>> {
    const page = this.cursors.page(ctx, `strategies/${id}/tests`, query);
    return page.of(await this.views.tests(ctx, id, page.limit + 1, positionOf(page.after)), (row) => [
      row.created_at,
      row.id,
    ]);
  }

  @Get('versions')
  @Requires('strategy:view', { resource: STRATEGY })
  @ApiOperation({ summary: 'List the versions of a strategy, newest first' })
  @ApiPage(VersionSummary)
  async versions(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Query() query: PageQuery,
  ): Promise<Page<VersionSummary>> {
    const page = this.cursors.page(ctx, `strategies/${id}/versions`, query);
    return page.of(await this.views.versions(ctx, id, page.limit + 1, positionOf(page.after)), (row) => [
      row.created_at,
      row.id,
    ]);
  }

  @Get('versions/:v')
  @Requires('strategy:view', { resource: STRATEGY })
  @ApiOperation({ summary: 'Show one version with its text and its normalised form' })
  @ApiOkResponse({ type: VersionDetail })
  version(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Param('v') version: string,
  ): Promise<VersionDetail> {
    return this.views.version(ctx, id, versionNumber(version));
  }

  @Get('versions/:v/diff')
  @Requires('strategy:view', { resource: STRATEGY })
  @ApiOperation({ summary: 'Unified diff of two versions' })
  @ApiOkResponse({ type: VersionDiff })
  diff(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Param('v') version: string,
    @Query() query: DiffQuery,
  ): Promise<VersionDiff> {
    return this.views.diff(ctx, id, versionNumber(version), query.against);
  }
}

/** A version number in a path. */
function versionNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new ValidationError([{ pointer: 'path:v', code: 'integer', message: 'must be a version number from 1' }]);
  return Number(text);
}
