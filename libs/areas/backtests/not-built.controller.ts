import { Controller, Get, Post } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { NotFoundError } from '#kernel';
import { AuthenticatedOnly } from '#platform/auth';
import { NotAudited } from '#platform/http';

/**
 * Names below /backtests that are taken for later. Without this they would be read as ids, and answer 405 and 422
 * instead of 404.
 */
@ApiExcludeController()
@Controller('backtests')
@AuthenticatedOnly()
export class NotBuiltController {
  @Get(['optimize', 'interrupts'])
  read(): never {
    throw new NotFoundError();
  }

  @Post(['walk-forward', 'monte-carlo', 'optimize', 'bias-check', 'compare', 'factor-evaluation'])
  @NotAudited('there is nothing to change')
  start(): never {
    throw new NotFoundError();
  }
}
