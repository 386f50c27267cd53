import type { InlineBars } from '#platform/http';
import type { RequestDataBody } from './dto/backtest.requests.ts';
import { requestData } from './request-data.ts';

const BARS = {} as InlineBars;

function refused(body: Partial<RequestDataBody>): unknown {
  try {
    requestData(body as RequestDataBody, BARS);
  } catch (error) {
    return error;
  }
  throw new Error('was accepted');
}

describe('the data of a request', () => {
  const delisting = { vt_symbol: 'X.SIM', ex_date: '2024-01-08', type: 'delisting' as const };

  it('F9 that names what is no symbol is refused with the place', () => {
    expect(refused({ actions: [delisting, { ...delisting, vt_symbol: 'X' }] })).toMatchObject({
      code: 'bad_symbol',
      options: { errors: [{ pointer: '/data/actions/1/vt_symbol', code: 'bad_symbol' }] },
    });
    const renamed = { ...delisting, type: 'rename' as const, new_vt_symbol: 'Y.MOON' };
    expect(refused({ actions: [renamed] })).toMatchObject({
      code: 'unknown_exchange',
      options: { errors: [{ pointer: '/data/actions/0/new_vt_symbol', code: 'unknown_exchange' }] },
    });
    expect(refused({ instruments: { 'X.MOON': { lot_size: 1 } } })).toMatchObject({
      code: 'unknown_exchange',
      options: { errors: [{ pointer: '/data/instruments/X.MOON' }] },
    });
    const split = { ...delisting, vt_symbol: 'X', type: 'split' as const, ratio: 0 };
    expect(refused({ actions: [split] })).toMatchObject({
      code: 'validation_failed',
      options: { errors: [{ pointer: '/data/actions/0/vt_symbol' }, { pointer: '/data/actions/0/ratio' }] },
    });
  });
});
