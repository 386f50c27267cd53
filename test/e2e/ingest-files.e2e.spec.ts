import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ZipFile } from 'yazl';
import { TestApi } from './support/index.ts';

const FIXTURES = new URL('../fixtures/columnar/files/', import.meta.url);
const HEADER = 'Date,Open,High,Low,Close,Volume\n';
const ROWS = ['2024-01-02,1,2,0.5,1.5,10\n', '2024-01-03,2,3,1.5,2.5,20\n'];

async function zip(members: Record<string, string | Buffer>): Promise<Buffer> {
  const file = new ZipFile();
  for (const [name, content] of Object.entries(members)) file.addBuffer(Buffer.from(content), name);
  file.end();
  const chunks: Buffer[] = [];
  for await (const chunk of file.outputStream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('files as people have them', () => {
  let api: TestApi;
  let token: string;

  beforeAll(async () => {
    api = await TestApi.start({
      env: {
        ALPHASWARM_RATE_PRINCIPAL: '100000',
        ALPHASWARM_RATE_WRITE: '100000',
        ALPHASWARM_RATE_ORG: '100000',
        ALPHASWARM_RATE_IP: '100000',
      },
    });
    token = await api.token('ann', { role: 'owner' });
  });
  afterAll(() => api.stop());

  const upload = (content: string | Uint8Array): Promise<{ status: number; body: any }> =>
    api.post('/ingest/uploads', content, { token, headers: { 'content-type': 'application/octet-stream' } });
  const ingest = async (content: string | Uint8Array, vtSymbol: string, interval = '1d'): Promise<any> => {
    const { body: stored } = await upload(content);
    const { body: started } = await api.post(
      '/ingest/runs',
      {
        source: { kind: 'upload', upload_id: stored.upload_id },
        mapping: { constants: { vt_symbol: vtSymbol, interval } },
      },
      { token },
    );
    // The head of the file has shown at once what is wrong with it.
    if (started.run_id === undefined) return started;
    for (let i = 0; i < 200; i++) {
      const { body } = await api.get(`/ingest/runs/${started.run_id}`, { token });
      if (['succeeded', 'partially_succeeded', 'failed', 'cancelled'].includes(body.status))
        return { media_type: stored.media_type_detected, ...body };
      await sleep(50);
    }
    throw new Error('the run did not end');
  };

  it('F10: a zip goes in as one file', async () => {
    const archive = await zip({ 'b.csv': HEADER + ROWS[1], 'a.csv': HEADER + ROWS[0], 'README.md': 'two days' });
    expect(await ingest(archive, 'ZIPA.NASDAQ')).toMatchObject({
      media_type: 'application/zip',
      status: 'succeeded',
      rows_read: 2,
      rows_written: 2,
    });
  });

  it('scenario 19: bombs, unsafe paths, nested archives and programs are refused', async () => {
    const unsafe = Buffer.from(
      (await zip({ xxxxxxx: HEADER })).toString('latin1').replaceAll('xxxxxxx', '../../x'),
      'latin1',
    );
    for (const archive of [
      await zip({ 'a.csv': Buffer.alloc(10 * 1_048_576) }),
      unsafe,
      await zip({ 'a.csv': HEADER, 'b.zip': await zip({ 'c.csv': HEADER }) }),
    ]) {
      expect(await upload(archive)).toMatchObject({ status: 422, body: { code: 'archive_rejected' } });
    }
    expect(await upload((await zip({ 'a.csv': HEADER + ROWS.join('') })).subarray(0, 100))).toMatchObject({
      status: 422,
      body: { code: 'bad_input' },
    });
    expect(await upload(Buffer.from('MZ\x90\0\x03\0', 'latin1'))).toMatchObject({
      status: 415,
      body: { code: 'unsupported_media_type' },
    });
    expect(await upload(await zip({ 'xl/workbook.xml': '<x/>', '[Content_Types].xml': '<x/>' }))).toMatchObject({
      status: 415,
      body: { detail: expect.stringContaining('Excel') },
    });
    expect(await upload(Buffer.from('FEA1\0\0\0\0'))).toMatchObject({
      status: 415,
      body: { detail: expect.stringContaining('Feather version 1') },
    });
    expect(await ingest(`${HEADER}${'x'.repeat(2 * 1_048_576)}\n`, 'LONG.NASDAQ')).toMatchObject({
      status: 422,
      code: 'line_too_long',
      detail: expect.stringContaining('Line 2 '),
    });
  });

  it('F4, M2: Arrow files of polars go in, plain and compressed', async () => {
    for (const [i, name] of [
      'polars-file-uncompressed-newest-date.arrow',
      'polars-file-lz4-oldest-date.arrow',
      'polars-file-zstd-newest-date.arrow',
      'pandas-daily-lz4.feather',
    ].entries()) {
      const { body } = await upload(readFileSync(new URL(name, FIXTURES)));
      expect(body).toMatchObject({ format: 'arrow', media_type_detected: 'application/vnd.apache.arrow.file' });
      const { body: started } = await api.post(
        '/ingest/preview',
        {
          upload_id: body.upload_id,
          mapping: { columns: { symbol: null }, constants: { vt_symbol: `POLARS${i}.NASDAQ`, interval: '1d' } },
        },
        { token },
      );
      expect(started.validation).toMatchObject({ rows_read: 5, rows_ok: 5 });
    }
  });

  it('M3: arrays in an object go in', async () => {
    const bars = ROWS.map((row) => row.trim().split(',')).map(([t, o, h, l, c, v]) => ({
      t,
      o: Number(o),
      h: Number(h),
      l: Number(l),
      c: Number(c),
      v: Number(v),
    }));
    expect(await ingest(JSON.stringify({ bars, symbol: 'JSON', next_page_token: null }), 'JSON.NASDAQ')).toMatchObject({
      status: 'succeeded',
      rows_written: 2,
    });
  });
});
