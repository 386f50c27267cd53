import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Verification } from '#platform/audit';
import { Requires } from '#platform/auth';
import { Context, type RequestContext } from '#platform/context';
import { ApiPage, CursorCodec, type Page } from '#platform/http';
import { ChainsService } from './chains.service.ts';
import { ListCheckpoints, ListWorkloadRuns, VerifyRange } from './dto/audit.requests.ts';
import { ChainVerification, CheckpointView, WorkloadRunDetail, WorkloadRunView } from './dto/audit.views.ts';
import { WORKLOAD_RUN } from './workload-run.resource.ts';
import { WorkloadRunsService } from './workload-runs.service.ts';

@ApiTags('audit')
@Controller('audit')
export class AuditController {
  constructor(
    private readonly runs: WorkloadRunsService,
    private readonly chains: ChainsService,
    private readonly cursors: CursorCodec,
  ) {}

  @Get('workload-runs')
  @Requires('audit:read', { at: 'org' })
  @ApiOperation({ summary: 'List what was done, newest first; editors see what they started' })
  @ApiPage(WorkloadRunView)
  async list(@Context() ctx: RequestContext, @Query() query: ListWorkloadRuns): Promise<Page<WorkloadRunView>> {
    const page = this.cursors.page(ctx, 'audit/workload-runs', query);
    const after = page.after && { startedAt: String(page.after[0]), id: String(page.after[1]) };
    return page.of(await this.runs.list(ctx, query, page.limit + 1, after), (run) => [run.started_at, run.id]);
  }

  @Get('workload-runs/:id')
  @Requires('audit:read', { resource: WORKLOAD_RUN })
  @ApiOperation({ summary: 'Show a run with its ledger entries; unsealed ones have no seq' })
  @ApiOkResponse({ type: WorkloadRunDetail })
  detail(@Context() ctx: RequestContext, @Param('id') id: string): Promise<WorkloadRunDetail> {
    return this.runs.detail(ctx, id);
  }

  @Get('chains/:chain/verify')
  @Requires('audit:read', { at: 'org' })
  @ApiOperation({ summary: 'Recompute a hash chain and name its first bad entry' })
  @ApiOkResponse({ type: ChainVerification })
  verify(
    @Context() ctx: RequestContext,
    @Param('chain') chain: string,
    @Query() range: VerifyRange,
  ): Promise<Verification> {
    return this.chains.verify(ctx, chain, range);
  }

  @Get('checkpoints')
  @Requires('audit:read', { at: 'org' })
  @ApiOperation({ summary: 'List the signed checkpoints of a chain, newest first' })
  @ApiPage(CheckpointView)
  async checkpoints(@Context() ctx: RequestContext, @Query() query: ListCheckpoints): Promise<Page<CheckpointView>> {
    const page = this.cursors.page(ctx, 'audit/checkpoints', query);
    const before = page.after && Number(page.after[0]);
    return page.of(await this.chains.listCheckpoints(ctx, query.chain, page.limit + 1, before), (checkpoint) => [
      checkpoint.seq,
    ]);
  }
}
