import { equalWeight } from './equal-weight.ts';
import { fixedWeights } from './fixed-weights.ts';
import { scheduledTargets } from './scheduled-targets.ts';
import { signalWeighted } from './signal-weighted.ts';

export const portfolioModels = [equalWeight, signalWeighted, fixedWeights, scheduledTargets];
