declare function publish(): Promise<void>;

export function every(ids: readonly string[]): void {
  ids.forEach(async () => publish());
}
