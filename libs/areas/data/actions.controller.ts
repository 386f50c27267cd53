import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '#platform/auth';
import { Context, inWorkspace, type RequestContext } from '#platform/context';
import { ApiPage, Audited, CursorCodec, type Page, PageQuery, Refuses } from '#platform/http';
import { CorporateActionsService } from './corporate-actions.service.ts';
import type { StoredAction } from './corporate-actions.repository.ts';
import { AddActionBody, CorporateActionView } from './dto/actions.ts';

@ApiTags('data')
@Controller('data/:vt_symbol/actions')
export class ActionsController {
  constructor(
    private readonly actions: CorporateActionsService,
    private readonly cursors: CursorCodec,
  ) {}

  @Get()
  @Requires('data:read')
  @ApiOperation({ summary: 'Corporate actions of a symbol, with everything that was said about them' })
  @ApiPage(CorporateActionView)
  async list(
    @Context() ctx: RequestContext,
    @Param('vt_symbol') symbol: string,
    @Query() query: PageQuery,
  ): Promise<Page<CorporateActionView>> {
    const page = this.cursors.page(ctx, `data/${symbol}/actions`, query);
    return page.map(
      await this.actions.history(
        inWorkspace(ctx),
        symbol,
        page.after === null ? null : String(page.after[0]),
        page.limit + 1,
      ),
      ({ id }) => [id],
      view,
    );
  }

  @Post()
  @Requires('data:write')
  @Audited('data.action')
  @Refuses('conflict')
  @ApiOperation({ summary: 'Say something new about a corporate action; nothing is overwritten' })
  @ApiCreatedResponse({ type: CorporateActionView })
  async add(
    @Context() ctx: RequestContext,
    @Param('vt_symbol') symbol: string,
    @Body() body: AddActionBody,
  ): Promise<CorporateActionView> {
    return view(await this.actions.add(inWorkspace(ctx), symbol, body));
  }
}

function view(row: StoredAction): CorporateActionView {
  return { ...row, known_at: row.known_at.toISOString() };
}
