import type { RequestContext } from '#platform/context';

export type HaltVerdict = 'clear' | 'engaged' | 'unknown';

/** What the switches say to a caller who wants to start something. */
export abstract class HaltState {
  abstract read(context: RequestContext): Promise<HaltVerdict>;
}

/** This release has no switch that could be engaged, so nothing is. */
export class NoSwitches extends HaltState {
  read(): Promise<HaltVerdict> {
    return Promise.resolve('clear');
  }
}
