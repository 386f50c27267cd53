import type { PostedBar } from './slices.ts';

export interface Action {
  vt_symbol: string;
  ex_date: string;
  type: 'dividend' | 'split' | 'rename' | 'merger' | 'delisting';
  ratio?: number;
  amount?: number;
  new_vt_symbol?: string;
}
export interface ReferenceInput {
  document: any;
  seed: number;
  bars: PostedBar[];
  actions?: Action[];
  instruments?: Record<string, { lot_size?: number; tick_size?: number }>;
  engineVersion?: string;
  /** The prices come from a store that adjusts them for its splits and dividends. */
  stored?: boolean;
}
