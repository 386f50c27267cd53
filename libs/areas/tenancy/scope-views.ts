/** Every date of a row as RFC 3339 with `Z`. */
export function view<R extends object>(
  row: R,
): { [K in keyof R]: R[K] extends Date ? string : R[K] extends Date | null ? string | null : R[K] } {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
  ) as ReturnType<typeof view<R>>;
}

/** Sort key of lists by name. */
export function byName({ name, id }: { name: string; id: string }): [string, string] {
  return [name, id];
}
