import { Injectable, type PipeTransform } from '@nestjs/common';
import { ValidationError } from '#kernel';
import { engineOf } from '#quant';
import type { TestStrategyBody } from './dto/backtest.requests.ts';

/** Checks what the request alone can tell, so that a bad one is refused before anything is recorded. */
@Injectable()
export class CheckTestPipe implements PipeTransform<TestStrategyBody, TestStrategyBody> {
  transform(body: TestStrategyBody): TestStrategyBody {
    const { engine, start, end } = body;
    if (engine !== undefined) engineOf({ engine }, '');
    if (start !== undefined && end !== undefined && start >= end)
      throw new ValidationError([{ pointer: '/end', code: 'range', message: 'must be after start' }]);
    return body;
  }
}
