import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** S&P 500, daily, 2000-01-03 to 2020-04-17: 5,105 rows. */
export const SAMPLE_SYMBOL = 'SPX.CBOE';

/** The sample as CSV, or undefined in an image without development packages. */
export async function sampleCsv(): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const entry = import.meta.resolve('vega-datasets');
    return new Uint8Array(await readFile(fileURLToPath(new URL('../data/sp500-2000.csv', entry))));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'ENOENT') return undefined;
    throw error;
  }
}
