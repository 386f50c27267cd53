import { hash } from 'node:crypto';

/** A named stream of random numbers. */
export interface Rng {
  /** Next 32 random bits. */
  u32(): number;
  /** In [0, 1), 53 bits. */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Integer in 0..n−1. */
  below(n: number): number;
}

/**
 * xoshiro128** (Blackman, Vigna 2018) of the stream `"<seed>:<stream>"`: state = first 16 bytes of its SHA-256 as four
 * little-endian u32, uniform = ((a≫5)·2²⁶+(b≫6))/2⁵³, normals by Box–Muller using both values (trading.md 7.5).
 */
export class Xoshiro128 implements Rng {
  #s0: number;
  #s1: number;
  #s2: number;
  #s3: number;
  #spare: number | null = null;

  constructor(seed: number, stream: string) {
    const bytes = hash('sha256', `${seed}:${stream}`, 'buffer');
    this.#s0 = bytes.readUInt32LE(0);
    this.#s1 = bytes.readUInt32LE(4);
    this.#s2 = bytes.readUInt32LE(8);
    this.#s3 = bytes.readUInt32LE(12);
  }

  u32(): number {
    const product = Math.imul(this.#s1, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const t = this.#s1 << 9;
    this.#s2 ^= this.#s0;
    this.#s3 ^= this.#s1;
    this.#s1 ^= this.#s2;
    this.#s0 ^= this.#s3;
    this.#s2 ^= t;
    this.#s3 = (this.#s3 << 11) | (this.#s3 >>> 21);
    return result;
  }

  uniform(): number {
    const a = this.u32();
    const b = this.u32();
    return ((a >>> 5) * 67_108_864 + (b >>> 6)) / 9_007_199_254_740_992;
  }

  normal(): number {
    if (this.#spare !== null) {
      const value = this.#spare;
      this.#spare = null;
      return value;
    }
    const u1 = this.uniform();
    const u2 = this.uniform();
    const radius = Math.sqrt(-2 * Math.log(1 - u1));
    this.#spare = radius * Math.sin(2 * Math.PI * u2);
    return radius * Math.cos(2 * Math.PI * u2);
  }

  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }
}
