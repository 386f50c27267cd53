import { Xoshiro128 } from './rng.ts';

describe('scenario L: the stream 42:bootstrap', () => {
  it('starts with the printed words', () => {
    const rng = new Xoshiro128(42, 'bootstrap');
    expect([rng.u32(), rng.u32(), rng.u32(), rng.u32()]).toEqual([2631836214, 523985436, 1067508943, 2970406374]);
  });

  it('draws indices below 9 from one uniform each', () => {
    const rng = new Xoshiro128(42, 'bootstrap');
    expect(Array.from({ length: 9 }, () => rng.below(9))).toEqual([5, 2, 0, 4, 6, 1, 4, 0, 3]);
  });

  it('uses both values of Box and Muller', () => {
    const [a, b] = [new Xoshiro128(1, 'x'), new Xoshiro128(1, 'x')];
    const [u1, u2] = [b.uniform(), b.uniform()];
    expect(a.normal()).toBe(Math.sqrt(-2 * Math.log(1 - u1)) * Math.cos(2 * Math.PI * u2));
    expect(a.normal()).toBe(Math.sqrt(-2 * Math.log(1 - u1)) * Math.sin(2 * Math.PI * u2));
  });
});
