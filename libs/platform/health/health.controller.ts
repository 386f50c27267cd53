import { Controller, Get, HttpCode, HttpStatus } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Public, Requires } from '#platform/auth';
import { Reply } from '#platform/http';
import { HealthDetailsView, LivenessView, ReadinessView } from './dto/health.views.ts';
import { EventLoop } from './event-loop.ts';
import { HealthMonitor } from './health-monitor.ts';

@ApiTags('health')
@Controller()
export class HealthController {
  constructor(
    private readonly monitor: HealthMonitor,
    private readonly loop: EventLoop,
  ) {}

  @Get('healthz')
  @Public()
  @ApiOperation({ summary: 'Whether the process lives' })
  @ApiOkResponse({ type: LivenessView })
  live(@Reply() reply: Reply): LivenessView {
    const turns = this.loop.turns;
    if (!turns) reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status: turns ? 'ok' : 'blocked' };
  }

  @Get('readyz')
  @Public()
  @ApiOperation({ summary: 'Whether the service can do its work' })
  @ApiOkResponse({ type: ReadinessView })
  @ApiResponse({
    status: 503,
    type: ReadinessView,
    description: 'A dependency that the service cannot do without fails, or the service is stopping.',
  })
  ready(@Reply() reply: Reply): ReadinessView {
    const readiness = this.monitor.readiness();
    if (readiness.status === 'not_ready') reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return readiness;
  }

  @Get('health/details')
  @HttpCode(200)
  @Requires('health:read')
  @ApiOperation({ summary: 'What the last check of every dependency said' })
  @ApiOkResponse({ type: HealthDetailsView })
  details(): HealthDetailsView {
    return { status: this.monitor.readiness().status, checks: this.monitor.details() };
  }
}
