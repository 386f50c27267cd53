import { Injectable, type PipeTransform } from '@nestjs/common';
import { currentExchange } from '#platform/http';
import { BacktestRuntime } from './backtest.runtime.ts';
import type { StartBacktestBody } from './dto/backtest.requests.ts';
import { requestData } from './request-data.ts';

/** Checks recipe and bars while the request is validated, so that bad ones are refused before anything is recorded. */
@Injectable()
export class PrepareBacktestPipe implements PipeTransform<StartBacktestBody, Promise<StartBacktestBody>> {
  constructor(private readonly runtime: BacktestRuntime) {}

  async transform(body: StartBacktestBody): Promise<StartBacktestBody> {
    const bars = currentExchange()?.request.content?.bars;
    body.prepared = await this.runtime.prepare({
      config: body.config,
      runName: body.run_name,
      seed: body.seed,
      data: requestData(body.data, bars),
    });
    return body;
  }
}
