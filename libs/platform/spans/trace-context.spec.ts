import { spanContextOf, traceHeadersOf } from './trace-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const PARENT = `00-${TRACE}-${SPAN}-01`;

const stored = (traceparent: unknown, tracestate?: unknown): unknown => {
  const span = spanContextOf(traceparent, tracestate);
  return span && traceHeadersOf(span);
};

describe('trace context', () => {
  it('gives back what a caller sent', () => {
    expect(stored(PARENT)).toEqual({ traceparent: PARENT, tracestate: null });
    expect(stored(`00-${TRACE}-${SPAN}-00`, 'rojo=00f067aa0ba902b7,tenant@vendor=t61')).toEqual({
      traceparent: `00-${TRACE}-${SPAN}-00`,
      tracestate: 'rojo=00f067aa0ba902b7,tenant@vendor=t61',
    });
    expect(spanContextOf(PARENT, undefined)).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags: 1, isRemote: true });
  });

  it('reads a later version as far as it knows it, and drops flags that are not defined', () => {
    expect(stored(`cc-${TRACE}-${SPAN}-ff-what-comes`)).toEqual({
      traceparent: `00-${TRACE}-${SPAN}-03`,
      tracestate: null,
    });
  });

  it.each([
    [undefined],
    [''],
    ['00'],
    [`00-${TRACE}-${SPAN}`],
    [`00-${TRACE}-${SPAN}-1`],
    [`00-${TRACE}-${SPAN}-01-more`],
    [`ff-${TRACE}-${SPAN}-01`],
    [`00-${TRACE.toUpperCase()}-${SPAN}-01`],
    [`00-${'0'.repeat(32)}-${SPAN}-01`],
    [`00-${TRACE}-${'0'.repeat(16)}-01`],
    [`${PARENT}, ${PARENT}`],
    [` ${PARENT}`],
  ])('takes no malformed traceparent: %s', (traceparent) => {
    expect(stored(traceparent, 'rojo=1')).toBeUndefined();
  });

  it.each([
    ['', null],
    ['rojo', null],
    ['rojo=1,congo', null],
    ['rojo=1,rojo=2', null],
    [Array.from({ length: 33 }, (_, i) => `k${i}=1`).join(','), null],
    [`rojo=${'x'.repeat(600)}`, null],
    ['rojo=1, congo=2,', 'rojo=1,congo=2'],
  ])('keeps a well-formed tracestate and no other: %s', (tracestate, kept) => {
    expect(stored(PARENT, tracestate)).toEqual({ traceparent: PARENT, tracestate: kept });
  });

  it('has no header for a span that is none', () => {
    expect(traceHeadersOf({ traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 })).toBeUndefined();
  });
});
