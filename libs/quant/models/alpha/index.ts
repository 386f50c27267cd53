import { donchianBreakout } from './donchian-breakout.ts';
import { emaCross } from './ema-cross.ts';
import { meanReversion } from './mean-reversion.ts';
import { rsi } from './rsi.ts';

export const alphaModels = [emaCross, rsi, meanReversion, donchianBreakout];
