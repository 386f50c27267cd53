import { basicRisk } from './basic-risk.ts';
import { composite } from './composite.ts';
import { noOp } from './no-op.ts';

export const riskModels = [noOp, basicRisk, composite];
