import { FixedClock } from '#kernel';
import { RatesConfig, loadTopic } from '#platform/config';
import { RateLimits, rateLimited } from './rate-limits.ts';
import { sourceIp, trustedNetworks } from './source-ip.ts';

function limits(env: NodeJS.ProcessEnv = {}): { clock: FixedClock; rates: RateLimits } {
  const clock = new FixedClock(0);
  return { clock, rates: new RateLimits(clock, loadTopic(RatesConfig, env)) };
}

describe('RateLimits', () => {
  it('lets the capacity through at once and then as much as trickles in', () => {
    const { clock, rates } = limits();
    const passed = Array.from({ length: 150 }, () => rates.take('principal', 'ann')).filter(({ allowed }) => allowed);
    expect(passed).toHaveLength(100);
    clock.advance(100);
    expect([rates.take('principal', 'ann').allowed, rates.take('principal', 'ann').allowed]).toEqual([true, false]);
  });

  it('tells policy, whole tokens left, and whole seconds until full', () => {
    const { rates } = limits();
    rates.take('principal', 'ann');
    expect(rates.take('principal', 'ann').headers).toEqual({
      'RateLimit-Policy': '"principal";q=600;w=60',
      RateLimit: '"principal";r=98;t=1',
    });
    expect(rates.take('stepup', 'ann').headers).toEqual({
      'RateLimit-Policy': '"stepup";q=10;w=60',
      RateLimit: '"stepup";r=9;t=6',
    });
  });

  it('rounds the wait for the next token up to whole seconds', () => {
    const { rates } = limits();
    for (let i = 0; i < 10; i++) rates.take('stepup', 'ann');
    const refused = rates.take('stepup', 'ann');
    expect(refused).toMatchObject({ allowed: false, retryAfter: 6, remaining: 0 });
    expect(rateLimited(refused)).toMatchObject({
      status: 429,
      code: 'rate_limited',
      options: { headers: { 'Retry-After': '6' } },
    });
  });

  it('charges no bucket when one of them is empty', () => {
    const { rates } = limits({ ALPHASWARM_RATE_WRITE: '1', ALPHASWARM_RATE_WRITE_PER_MINUTE: '1' });
    expect(
      rates.takeAll([
        ['principal', 'ann'],
        ['write', 'ann'],
      ]),
    ).toMatchObject({ allowed: true, bucket: 'write' });
    expect(
      rates.takeAll([
        ['principal', 'ann'],
        ['write', 'ann'],
      ]),
    ).toMatchObject({ allowed: false, bucket: 'write', retryAfter: 60 });
    expect(rates.take('principal', 'ann').remaining).toBe(98);
  });

  it('keeps callers apart and is not fooled by a clock that runs backwards', () => {
    const { clock, rates } = limits({ ALPHASWARM_RATE_PRINCIPAL: '1' });
    expect(rates.take('principal', 'ann').allowed).toBe(true);
    clock.advance(-60_000);
    expect([rates.take('principal', 'ann').allowed, rates.take('principal', 'bo').allowed]).toEqual([false, true]);
  });
});

describe('sourceIp', () => {
  const trusted = trustedNetworks(['10.0.0.0/8', 'fd00::/8']);

  it.each([
    ['203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['::ffff:10.0.0.1', '198.51.100.1, 203.0.113.7, 10.2.3.4', '203.0.113.7'],
    ['10.0.0.1', 'unknown', '10.0.0.1'],
    ['fd00::1', '2001:db8::5', '2001:db8::5'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    [undefined, '198.51.100.1', null],
  ])('of peer %s with X-Forwarded-For %s is %s', (peer, forwarded, expected) => {
    expect(sourceIp(peer, forwarded, trusted)).toBe(expected);
  });

  it('refuses what is no network', () => {
    expect(() => trustedNetworks(['proxy.internal'])).toThrow('no CIDR');
  });
});
