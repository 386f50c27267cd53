import { z } from 'zod';
import type { RiskModel } from '../../strategy/index.ts';
import { component } from '../component.ts';

const kwargs = z.strictObject({});

export const noOp = component<z.infer<typeof kwargs>, RiskModel>({
  name: 'NoOp',
  aliases: ['NoOpRisk', 'NoOpRiskModel', 'NullRisk'],
  tags: [],
  description: 'Passes the targets on.',
  kwargs,
  sample: {},
  create: () => ({ evaluate: (targets) => targets }),
});
