export type { BarColumns } from './bar-columns.ts';
export { answerOf, refusalOf, valueOf, type Answer } from './answer.ts';
export { counted } from './counted.ts';
export { canonicalJson, hashCanonical, sha256Hex } from './canonical-json.ts';
export { Clock, FixedClock, SystemClock } from './clock.ts';
export {
  DomainError,
  NotFoundError,
  UnavailableError,
  ValidationError,
  type DomainErrorOptions,
  type FieldError,
} from './errors.ts';
export { NIL_UUID, newId, parseUuid } from './ids.ts';
export * as decimal from './money.ts';
export { parseDate, parseInstant, parseMoment, type WrittenMoment } from './moments.ts';
export { EXCHANGES, SymbolError, formatVtSymbol, parseVtSymbol, type VtSymbol } from './vt-symbol.ts';
