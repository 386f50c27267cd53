export { Xoshiro128, type Rng } from './rng.ts';
