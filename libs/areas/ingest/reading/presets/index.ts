import { alphavantage } from './alphavantage.ts';
import { binance } from './binance.ts';
import { metatrader } from './metatrader.ts';
import { polygon } from './polygon.ts';
import type { FileShape, Preset, PresetName } from './preset.ts';
import { stooq } from './stooq.ts';
import { tradingview } from './tradingview.ts';
import { yahoo } from './yahoo.ts';

export { type FileShape, type NamedFile, type Preset, PRESET_NAMES, type PresetName } from './preset.ts';

/** In the order in which they are asked whether a file is theirs. */
const PRESETS: readonly Preset[] = [stooq, metatrader, binance, polygon, alphavantage, yahoo, tradingview];

export function presetOf(name: PresetName): Preset {
  return PRESETS.find((preset) => preset.name === name)!;
}

/** The vendor whose files have this shape; null where none has. */
export function recognisePreset(file: FileShape): Preset | null {
  return PRESETS.find((preset) => preset.recognises(file)) ?? null;
}
