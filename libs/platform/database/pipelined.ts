/**
 * Results of statements that were sent together, without awaiting one before the next: one round trip. Of several
 * errors the first in the order of the statements is thrown, because it makes those behind it fail too.
 */
export async function pipelined<T extends readonly unknown[]>(
  sent: readonly [...T],
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(sent);
  return Promise.all(sent);
}
