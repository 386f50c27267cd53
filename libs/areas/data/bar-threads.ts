import { Injectable } from '@nestjs/common';
import { type Answer, valueOf } from '#kernel';
import { Threads } from '#platform/threads';
import { type BarStatistics, statisticsOf, type StatisticsWanted } from './bar-statistics.ts';
import type { BarsTask } from './bars-thread.ts';
import { type BarSelection, type PageWanted, type SelectedPage, selectPage } from './select-bars.ts';

// The sources run as .ts under Jest and as .js from dist.
const BARS_THREAD = new URL(`./bars-thread${import.meta.url.slice(-3)}`, import.meta.url);

/** So many bars are worked through in a few milliseconds. */
const FEW_BARS = 10_000;

/** Works out pages and statistics: of few bars here, of many in a thread that shares their memory. */
@Injectable()
export class BarThreads {
  constructor(private readonly threads: Threads) {}

  async page(selection: BarSelection, wanted: PageWanted): Promise<SelectedPage> {
    return isSmall(selection)
      ? selectPage(selection, wanted)
      : this.#run<SelectedPage>({ kind: 'page', selection, wanted });
  }

  async statistics(selection: BarSelection, wanted: StatisticsWanted): Promise<BarStatistics> {
    return isSmall(selection)
      ? statisticsOf(selection, wanted)
      : this.#run<BarStatistics>({ kind: 'statistics', selection, wanted });
  }

  async #run<T>(task: BarsTask): Promise<T> {
    return valueOf(await this.threads.run<Answer<T>>(BARS_THREAD, task, { lane: 'interactive' }));
  }
}

function isSmall({ table }: BarSelection): boolean {
  return table.time.length <= FEW_BARS;
}
