import { DomainError, type FieldError, ValidationError, formatVtSymbol, parseVtSymbol, SymbolError } from '#kernel';
import type { InlineBars } from '#platform/http';
import type { CorporateAction, InstrumentRules } from '#quant';
import type { BacktestRequest } from './backtest.runtime.ts';
import type { ActionBody, RequestDataBody } from './dto/backtest.requests.ts';

/** The `data` member of a request, or undefined for the warehouse. Throws 422 with a pointer per fault. */
export function requestData(body: RequestDataBody | undefined, bars: InlineBars | undefined): BacktestRequest['data'] {
  if (!body) return undefined;
  if (!bars) {
    throw new ValidationError([
      {
        pointer: '/data/inline',
        code: 'required',
        message: 'is required: an array of bars. Leave data out to read the warehouse.',
      },
    ]);
  }
  const errors: FieldError[] = [];
  const actions = (body.actions ?? []).map((action, index) => readAction(action, `/data/actions/${index}`, errors));
  const instruments = readInstruments(body.instruments ?? {}, errors);
  if (errors.length > 0) throw refusal(errors);
  return { columns: bars, actions, instruments, repair: body.repair ?? null };
}

/** Beyond these, quantities and prices leave what ten decimals can hold. */
const ACTION_RANGE = { ratio: [1e-6, 1e6], amount: [1e-10, 1e15] } as const;

const SMALLEST_LOT = 1e-10;
type ActionField = 'ratio' | 'amount' | 'new_vt_symbol';

/** What each type of action takes. */
const ACTION_FIELDS: Readonly<Record<ActionBody['type'], readonly ActionField[]>> = {
  split: ['ratio'],
  dividend: ['amount'],
  rename: ['new_vt_symbol'],
  merger: ['amount', 'ratio', 'new_vt_symbol'],
  delisting: [],
};

/** Symbols that are none keep the code that they have everywhere, where nothing else is wrong. */
function refusal(errors: FieldError[]): DomainError {
  const [{ code, message }] = errors as [FieldError];
  const ofSymbols = errors.every((error) => error.code === 'bad_symbol' || error.code === 'unknown_exchange');
  return ofSymbols ? new DomainError(422, code, { detail: message, errors }) : new ValidationError(errors);
}

/** The symbol in its normal form; as it is where it is none, which is reported. */
function readSymbol(text: string, pointer: string, errors: FieldError[]): string {
  try {
    return formatVtSymbol(parseVtSymbol(text));
  } catch (error) {
    if (!(error instanceof SymbolError)) throw error;
    errors.push({ pointer, code: error.code, message: error.message });
    return text;
  }
}

function readAction(body: ActionBody, pointer: string, errors: FieldError[]): CorporateAction {
  const base = { vt_symbol: readSymbol(body.vt_symbol, `${pointer}/vt_symbol`, errors), ex_date: body.ex_date };
  const report = (name: ActionField, code: string, message: string): void => {
    errors.push({ pointer: `${pointer}/${name}`, code, message });
  };
  const positive = (name: 'ratio' | 'amount'): number => {
    const value = body[name];
    const [least, most] = ACTION_RANGE[name];
    if (value === undefined || !(value >= least && value <= most))
      report(name, 'range', `a ${body.type} needs a ${name} from ${least} to ${most}`);
    return value ?? NaN;
  };
  const successor = (): string => {
    if (body.new_vt_symbol === undefined) {
      report(
        'new_vt_symbol',
        'required',
        `a ${body.type}${body.type === 'merger' ? ' with a ratio' : ''} needs the symbol that the position becomes`,
      );
      return '';
    }
    const symbol = readSymbol(body.new_vt_symbol, `${pointer}/new_vt_symbol`, errors);
    if (symbol === base.vt_symbol) report('new_vt_symbol', 'range', 'must be another symbol');
    return symbol;
  };
  for (const name of ['ratio', 'amount', 'new_vt_symbol'] as const) {
    if (body[name] !== undefined && !ACTION_FIELDS[body.type].includes(name))
      report(name, 'unknown_field', `a ${body.type} has no ${name}`);
  }
  switch (body.type) {
    case 'split':
      return { ...base, type: 'split', ratio: positive('ratio') };
    case 'dividend':
      return { ...base, type: 'dividend', amount: positive('amount') };
    case 'rename':
      return { ...base, type: 'rename', new_vt_symbol: successor() };
    case 'merger': {
      const { amount, ratio, new_vt_symbol } = body;
      if (amount === undefined && ratio === undefined)
        report('amount', 'required', 'a merger needs an amount, or a ratio with new_vt_symbol, or both');
      else if (ratio === undefined && new_vt_symbol !== undefined)
        report('ratio', 'required', 'a merger with new_vt_symbol needs a ratio');
      return {
        ...base,
        type: 'merger',
        ...(amount === undefined ? {} : { amount: positive('amount') }),
        ...(ratio === undefined ? {} : { ratio: positive('ratio'), new_vt_symbol: successor() }),
      };
    }
    case 'delisting':
      return { ...base, type: 'delisting' };
  }
}

function readInstruments(body: Record<string, unknown>, errors: FieldError[]): Record<string, InstrumentRules> {
  const instruments: Record<string, InstrumentRules> = {};
  for (const [name, rules] of Object.entries(body)) {
    const pointer = `/data/instruments/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (typeof rules !== 'object' || rules === null || Array.isArray(rules)) {
      errors.push({ pointer, code: 'type', message: 'must be an object with lot_size, tick_size' });
      continue;
    }
    for (const [field, value] of Object.entries(rules)) {
      if (field !== 'lot_size' && field !== 'tick_size')
        errors.push({
          pointer: `${pointer}/${field}`,
          code: 'unknown_field',
          message: 'accepted: lot_size, tick_size',
        });
      else if (typeof value !== 'number' || value <= 0 || value > 1e15)
        errors.push({ pointer: `${pointer}/${field}`, code: 'positive', message: 'must be a number above 0' });
      else if (field === 'lot_size' && value < SMALLEST_LOT)
        errors.push({
          pointer: `${pointer}/${field}`,
          code: 'range',
          message: `must be at least ${SMALLEST_LOT}: quantities have ten decimals`,
        });
    }
    instruments[readSymbol(name, pointer, errors)] = rules as InstrumentRules;
  }
  return instruments;
}
