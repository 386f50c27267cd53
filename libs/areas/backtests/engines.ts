import { ENGINE_VERSION } from '#quant';
import type { EngineView } from './dto/backtest.views.ts';

const CAPABILITIES = [
  'signals',
  'weights',
  'orders',
  'multi_symbol',
  'margin',
  'corporate_actions',
  'intrabar',
  'event_log',
  'replay',
] as const;

function engine(name: string, version: string | null, able: readonly (typeof CAPABILITIES)[number][]): EngineView {
  return {
    engine: name,
    version,
    available: version !== null,
    capabilities: Object.fromEntries(CAPABILITIES.map((capability) => [capability, able.includes(capability)])),
  };
}

/**
 * The capability matrix (trading.md 7.4). An engine without a version is known by name and not installed: runs on it
 * are 422 `engine_unavailable`.
 */
export const ENGINES: EngineView[] = [
  engine('event', ENGINE_VERSION, CAPABILITIES),
  engine('vectorised', null, ['signals', 'weights', 'multi_symbol']),
  engine('vbt-pro', null, ['signals', 'orders', 'multi_symbol']),
  engine('vectorbt', null, ['signals', 'orders', 'multi_symbol']),
  engine('backtesting', null, ['signals', 'orders']),
  engine('lob', null, ['orders', 'intrabar']),
];
