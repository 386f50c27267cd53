import { staticUniverse } from './static-universe.ts';

export const universeModels = [staticUniverse];
