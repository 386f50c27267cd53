import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '#platform/auth';
import { Context, type RequestContext, inWorkspace } from '#platform/context';
import {
  ApiPage,
  Audited,
  CursorCodec,
  IfMatch,
  NotAudited,
  type Page,
  type Precondition,
  Refuses,
  Reply,
  Sends,
} from '#platform/http';
import { componentCatalog } from '#quant';
import {
  CreateStrategyBody,
  ListStrategies,
  RECIPE_EXAMPLE,
  UpdateStrategyBody,
  ValidateStrategyBody,
} from './dto/strategy.requests.ts';
import {
  ArchivedStrategy,
  ComponentCatalog,
  StrategyBrowseRow,
  StrategyDetail,
  StrategySummary,
  ValidatedRecipe,
} from './dto/strategy.views.ts';
import { positionOf } from './list-position.ts';
import { ReadRecipePipe } from './read-recipe.pipe.ts';
import { SAMPLE_RECIPES } from './sample-recipes.ts';
import { StrategiesService } from './strategies.service.ts';
import { StrategyViewsService } from './strategy-views.service.ts';
import { STRATEGY } from './strategy.resource.ts';

@ApiTags('strategies')
@Controller('strategies')
export class StrategiesController {
  constructor(
    private readonly strategies: StrategiesService,
    private readonly views: StrategyViewsService,
    private readonly cursors: CursorCodec,
  ) {}

  @Post()
  @Requires('strategy:edit')
  @Audited('strategy.create')
  @ApiOperation({ summary: 'Store a strategy as version 1' })
  @ApiBody({
    type: CreateStrategyBody,
    examples: { json: { value: { name: 'Golden cross', config: RECIPE_EXAMPLE, tags: ['daily'] } } },
  })
  @Sends('Location', 'ETag')
  @ApiCreatedResponse({ type: StrategyDetail })
  async create(
    @Context() ctx: RequestContext,
    @Body(ReadRecipePipe) body: CreateStrategyBody,
    @Reply() reply: Reply,
  ): Promise<StrategyDetail> {
    const detail = await this.strategies.create(inWorkspace(ctx), {
      name: body.name,
      spec: body.spec,
      notes: body.notes,
      tags: body.tags,
    });
    reply.location(`/strategies/${detail.id}`).etag(detail.version);
    return detail;
  }

  @Post('validate')
  @HttpCode(200)
  @Requires('strategy:view')
  @NotAudited('stores nothing')
  @ApiOperation({ summary: 'Normalise and hash a recipe without storing it' })
  @ApiBody({ type: ValidateStrategyBody, examples: { json: { value: { config: RECIPE_EXAMPLE } } } })
  @ApiOkResponse({ type: ValidatedRecipe })
  validate(@Body(ReadRecipePipe) { spec }: ValidateStrategyBody): ValidatedRecipe {
    return {
      valid: true,
      normalised: { ...spec.recipe },
      spec_hash: spec.specHash,
      warmup_bars: spec.warmupBars,
      warnings: spec.warnings,
    };
  }

  @Get()
  @Requires('strategy:view')
  @ApiOperation({ summary: 'List strategies, newest first' })
  @ApiPage(StrategySummary)
  async list(@Context() ctx: RequestContext, @Query() query: ListStrategies): Promise<Page<StrategySummary>> {
    const page = this.cursors.page(ctx, 'strategies', query);
    const rows = await this.views.list(inWorkspace(ctx), filterOf(query), page.limit + 1, positionOf(page.after));
    return page.of(rows, (row) => [row.created_at, row.id]);
  }

  @Get('browse')
  @Requires('strategy:view')
  @ApiOperation({ summary: 'List strategies with what their last test showed' })
  @ApiPage(StrategyBrowseRow)
  async browse(@Context() ctx: RequestContext, @Query() query: ListStrategies): Promise<Page<StrategyBrowseRow>> {
    const page = this.cursors.page(ctx, 'strategies/browse', query);
    const rows = await this.views.browse(inWorkspace(ctx), filterOf(query), page.limit + 1, positionOf(page.after));
    return page.of(rows, (row) => [row.created_at, row.id]);
  }

  @Get('browse/catalog')
  @Requires('strategy:view')
  @ApiOperation({ summary: 'Components of a recipe by stage, with the schema of their kwargs' })
  @ApiOkResponse({ type: ComponentCatalog })
  catalog(): ComponentCatalog {
    return {
      data: componentCatalog().map((entry) => ({ ...entry, sample: { ...entry.sample } })),
      samples: SAMPLE_RECIPES,
    };
  }

  @Get(':id')
  @Requires('strategy:view', { resource: STRATEGY })
  @Sends('ETag')
  @ApiOperation({ summary: 'Show a strategy with its versions and last tests' })
  @ApiOkResponse({ type: StrategyDetail })
  async detail(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Reply() reply: Reply,
  ): Promise<StrategyDetail> {
    const detail = await this.views.detail(ctx, id);
    reply.etag(detail.version);
    return detail;
  }

  @Put(':id')
  @Requires('strategy:edit', { resource: STRATEGY })
  @Audited('strategy.update')
  @Refuses('archived')
  @Sends('ETag')
  @ApiOperation({ summary: 'Store a changed recipe as a new version, or return to a known one' })
  @ApiBody({ type: UpdateStrategyBody, examples: { json: { value: { config: RECIPE_EXAMPLE, notes: 'slower' } } } })
  @ApiOkResponse({ type: StrategyDetail })
  async update(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Body(ReadRecipePipe) body: UpdateStrategyBody,
    @IfMatch() ifMatch: Precondition,
    @Reply() reply: Reply,
  ): Promise<StrategyDetail> {
    const detail = await this.strategies.update(inWorkspace(ctx), id, { spec: body.spec, notes: body.notes, ifMatch });
    reply.etag(detail.version);
    return detail;
  }

  @Delete(':id')
  @Requires('strategy:edit', { resource: STRATEGY })
  @Audited('strategy.archive')
  @Refuses('in_use')
  @ApiOperation({ summary: 'Archive a strategy; its versions stay readable' })
  @ApiOkResponse({ type: ArchivedStrategy })
  archive(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @IfMatch() ifMatch: Precondition,
  ): Promise<ArchivedStrategy> {
    return this.strategies.archive(inWorkspace(ctx), id, ifMatch);
  }
}

function filterOf(query: ListStrategies) {
  return {
    status: query.status,
    tag: query.tag,
    query: query.query,
    minSharpe: query.min_sharpe,
    includeArchived: query.include_archived,
  };
}
