export { WilderRsi, wilderRsi } from './wilder-rsi.ts';
