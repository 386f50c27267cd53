export { WilderRsi } from './wilder-rsi.ts';
