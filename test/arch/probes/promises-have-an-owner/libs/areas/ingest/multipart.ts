declare function write(text: string): Promise<void>;
declare function parse(onPart: (text: string) => void): Promise<void>;

/** Started in a callback, awaited on the good path only. */
export async function extract(): Promise<void> {
  let writing: Promise<void> | undefined;
  await parse((part) => {
    writing = write(part);
  });
  await writing;
}

/** Kept while another is awaited. */
export async function both(): Promise<void> {
  const first = write('a');
  await write('b');
  await first;
}

/** Forgotten on one way out. */
export async function early(stop: boolean): Promise<void> {
  const started = write('a');
  if (stop) return;
  await started;
}

/** Owned: handed over, caught where it starts, awaited at once. */
export async function owned(): Promise<void> {
  const together = [write('a'), write('b')];
  const caught = write('c').catch(() => undefined);
  const next = write('d');
  await Promise.all([...together, next]);
  await caught;
}
