import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractFile, type UploadedFile } from './multipart.ts';

const TYPE = 'multipart/form-data; boundary=XX';
const HEAD = '--XX\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n';
const WHOLE = `--XX\r\nContent-Disposition: form-data; name="size"\r\n\r\n14\r\n${HEAD}Date,Open\n1,2\n\r\n--XX--\r\n`;

describe('extractFile', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'alphaswarm-multipart-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function extract(body: string, target = join(folder, 'file')): Promise<UploadedFile> {
    const spooled = join(folder, 'body');
    writeFileSync(spooled, body);
    return extractFile(spooled, TYPE, target);
  }

  it('takes the file out and the fields beside it', async () => {
    const { path, bytes, filename, fields } = await extract(WHOLE);
    expect({ bytes, filename, fields, content: readFileSync(path, 'utf8') }).toEqual({
      bytes: 14,
      filename: 'a.csv',
      fields: { size: '14' },
      content: 'Date,Open\n1,2\n',
    });
  });

  it('reads names of files in UTF-8', async () => {
    expect((await extract(WHOLE.replace('a.csv', 'Kurse März ☃.csv'))).filename).toBe('Kurse März ☃.csv');
  });

  it('F1: refuses a body that is cut anywhere, its file part included', async () => {
    await expect(extract(`${HEAD}Date,Open\n1,2\n`)).rejects.toMatchObject({ status: 422, code: 'bad_multipart' });
    // Without its last line break the closing delimiter is whole.
    for (let length = 0; length < WHOLE.length - 2; length++)
      await expect(extract(WHOLE.slice(0, length))).rejects.toMatchObject({ status: 422, code: 'bad_multipart' });
  });

  it('F1: refuses a second file, whole or cut anywhere', async () => {
    const two = `${HEAD}1,2\n\r\n${HEAD}3,4\n\r\n--XX--\r\n`;
    for (let length = HEAD.length * 2; length <= two.length; length++)
      await expect(extract(two.slice(0, length))).rejects.toMatchObject({ status: 422, code: 'bad_multipart' });
    await expect(extract(two)).rejects.toMatchObject({
      options: { detail: expect.stringContaining('2 files') as string },
    });
  });

  it('tells a disk that fails from a body that is broken, without waiting for a reader that is gone', async () => {
    const large = `${HEAD}${'1,2\n'.repeat(200_000)}\r\n--XX--\r\n`;
    await expect(extract(large, join(folder, 'missing', 'file'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
