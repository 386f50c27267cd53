import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { STRATEGY } from '#areas/strategies';
import { Requires } from '#platform/auth';
import { Context, type RequestContext, inWorkspace } from '#platform/context';
import { Audited, Refuses, Reply, Sends } from '#platform/http';
import { QueuedTask } from '#platform/jobs';
import { CheckTestPipe } from './check-test.pipe.ts';
import { TestStrategyBody } from './dto/backtest.requests.ts';
import { TestStrategyService } from './test-strategy.service.ts';

/** Stands here and not with the strategies, because a test is a backtest and only the backtest runtime starts those. */
@ApiTags('strategies')
@Controller('strategies/:id')
export class StrategyTestsController {
  constructor(private readonly tests: TestStrategyService) {}

  @Post('test')
  @HttpCode(202)
  @Requires('backtest:execute', { resource: STRATEGY })
  @Audited('strategy.test')
  @Refuses('archived', 'run_quota_exceeded')
  @ApiOperation({ summary: 'Backtest a version of a strategy on the warehouse' })
  @Sends('Location')
  @ApiAcceptedResponse({ type: QueuedTask })
  async test(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Body(CheckTestPipe) body: TestStrategyBody,
    @Reply() reply: Reply,
  ): Promise<QueuedTask> {
    const task = await this.tests.start(inWorkspace(ctx), id, body);
    reply.location(`/jobs/${task.task_id}`);
    return task;
  }
}
