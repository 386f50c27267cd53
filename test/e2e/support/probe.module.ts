import { setTimeout as sleep } from 'node:timers/promises';
import { Body, Controller, Get, HttpCode, Module, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DomainError, newId } from '#kernel';
import { AuthenticatedOnly } from '#platform/auth';
import { Context, type RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import {
  ApiPage,
  Audited,
  BooleanField,
  CursorCodec,
  EnumField,
  IfMatch,
  Inline,
  InlineBars,
  InlineData,
  InstantField,
  IntegerField,
  NestedField,
  NotAudited,
  NumberField,
  ObjectField,
  type Page,
  PageQuery,
  Precondition,
  Reply,
  SpooledUpload,
  TextField,
  Upload,
  UuidField,
  type Spooled,
} from '#platform/http';

export class Leg {
  @TextField({ max: 10 }) symbol!: string;
  @NumberField({ min: 0 }) quantity!: number;
}

export class ProbeBody {
  @TextField({ max: 240, name: true, example: 'probe' }) name!: string;
  @IntegerField({ min: 1, max: 10, optional: true }) count?: number;
  @EnumField(['a', 'b'], { optional: true }) kind?: string;
  @UuidField({ optional: true }) ref?: string;
  @InstantField({ optional: true }) at?: string;
  @BooleanField({ optional: true, nullable: true }) flag?: boolean | null;
  @NestedField(() => Leg, { each: { max: 3 }, optional: true }) legs?: Leg[];
  @ObjectField({ optional: true }) config?: Record<string, unknown>;
}

export class ProbeView {
  @UuidField() id!: string;
  @TextField({ example: 'probe' }) name!: string;
}

export class ProbeQuery extends PageQuery {
  @IntegerField({ min: 0, optional: true }) from = 0;
  @BooleanField({ optional: true }) odd = false;
}

export class InlineBody {
  @TextField({ optional: true }) name?: string;
  @ObjectField({ optional: true }) data?: Record<string, unknown>;
}

/** Routes that show one convention each. */
@ApiTags('probe')
@Controller('probe')
@AuthenticatedOnly()
export class ProbeController {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly cursors: CursorCodec,
  ) {}

  @Post()
  @Audited('probe.create')
  @ApiOperation({ summary: 'Insert a row' })
  async create(@Context() ctx: RequestContext, @Body() body: ProbeBody, @Reply() reply: Reply): Promise<ProbeView> {
    const id = newId();
    await this.tx.manager.query('INSERT INTO probes (id, org_id, name) VALUES ($1, $2, $3)', [
      id,
      ctx.orgId,
      body.name,
    ]);
    if (body.name === 'slow') await sleep(700);
    if (body.name === 'refused') throw new DomainError(409, 'conflict');
    if (body.name === 'broken') throw new Error('secret inside');
    reply.location(`/probe/${id}`).etag(1);
    return { id, name: body.name };
  }

  @Post('required')
  @Audited('probe.required', { idempotencyRequired: true, starts: true })
  required(): { ok: boolean } {
    return { ok: true };
  }

  @Post('quiet')
  @HttpCode(204)
  @Audited('probe.quiet')
  quiet(): void {}

  @Post('echo')
  @HttpCode(200)
  @NotAudited('reads only')
  echo(@Body() body: ProbeBody): unknown {
    return body;
  }

  @Post('inline')
  @HttpCode(200)
  @InlineData()
  @NotAudited('reads only')
  inline(@Body() body: InlineBody, @Inline() bars: InlineBars | undefined): unknown {
    return {
      name: body.name,
      rest: body.data,
      bars: bars && {
        length: bars.length,
        symbols: bars.symbols,
        close: bars.close[0],
        volume: Number.isNaN(bars.volume[0]),
      },
    };
  }

  @Post('upload')
  @HttpCode(200)
  @SpooledUpload({ maxBytes: 1_000_000 })
  @NotAudited('reads only')
  upload(@Upload() upload: Spooled): unknown {
    return { bytes: upload.bytes, sha256: upload.sha256, type: upload.contentType };
  }

  @Patch(':id')
  @Audited('probe.patch')
  patch(
    @Param('id') id: string,
    @Body() body: ProbeBody,
    @IfMatch({ required: true }) ifMatch: Precondition,
  ): ProbeView {
    ifMatch.check(3);
    return { id, name: body.name };
  }

  @Get('slow')
  async slow(): Promise<{ ok: boolean }> {
    await sleep(1_900);
    return { ok: true };
  }

  @Get('broken')
  broken(): never {
    throw new Error('secret inside');
  }

  @Get('rows')
  @ApiPage(ProbeView)
  async rows(@Context() ctx: RequestContext, @Query() query: ProbeQuery): Promise<Page<ProbeView>> {
    const page = this.cursors.page(ctx, 'probe/rows', query);
    const rows = await this.tx.run(ctx, () =>
      this.tx.manager.query<ProbeView[]>(
        'SELECT id, name FROM probes WHERE $1::text IS NULL OR (name, id) > ($1, $2::uuid) ORDER BY name, id LIMIT $3',
        [page.after?.[0] ?? null, page.after?.[1] ?? null, page.limit + 1],
      ),
    );
    return page.of(rows, (row) => [row.name, row.id]);
  }

  @Get('item/:name')
  @ApiOkResponse({ type: ProbeView })
  item(@Param('name') name: string): { name: string } {
    return { name };
  }
}

@Module({ controllers: [ProbeController] })
export class ProbeModule {}

/** Run as the owner before the first request. */
export const PROBE_TABLE =
  "CREATE TABLE probes (id uuid PRIMARY KEY, org_id uuid NOT NULL, name text NOT NULL); CALL isolate_tenant('probes')";
