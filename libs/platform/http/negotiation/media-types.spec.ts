import { negotiate } from './media-types.ts';

const OFFER = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
  arrow: 'application/vnd.apache.arrow.stream',
};

describe('negotiate', () => {
  it.each([
    [undefined, 'json'],
    ['', 'json'],
    ['*/*', 'json'],
    ['application/json', 'json'],
    ['application/*', 'json'],
    ['text/*', 'csv'],
    ['TEXT/CSV', 'csv'],
    // F12: quality and not position decides.
    ['text/csv;q=0.1, application/json', 'json'],
    ['application/json;q=0.5, text/csv', 'csv'],
    ['text/csv;q=0.9, application/x-ndjson;q=0.91', 'ndjson'],
    // Of equals the first offered or named; nothing that is not asked for.
    ['text/csv, application/x-ndjson', 'csv'],
    ['application/xml, text/csv;q=0.2', 'csv'],
    // The most specific range says the quality of a type, and 0 excludes it.
    ['application/json;q=0, */*', 'ndjson'],
    ['application/*;q=0, */*;q=0.1', 'csv'],
    ['*/*;q=0.8, application/*;q=0.2, application/json', 'json'],
    ['*/*, application/json;q=0.3', 'ndjson'],
    ['text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8', 'json'],
    ['application/json; charset=utf-8', 'json'],
    ['text/csv;charset="UTF-8";q=0.4, application/json;q=0.3', 'csv'],
  ])('answers Accept: %s with %s', (accept, name) => {
    expect(negotiate(OFFER, accept)).toBe(name);
  });

  it.each([
    'application/xml',
    'application/json;q=0',
    'text/html',
    'application/json;q=0, text/csv;q=0.0',
    '*/*;q=0',
    'json',
    'application/json;profile=x',
  ])('refuses Accept: %s with what would do', (accept) => {
    expect(() => negotiate(OFFER, accept)).toThrow(
      expect.objectContaining({
        status: 406,
        code: 'not_acceptable',
        options: expect.objectContaining({ members: { acceptable: Object.values(OFFER) } }),
      }),
    );
  });

  it('takes the word of the address before the header', () => {
    expect(negotiate(OFFER, 'application/json', 'csv')).toBe('csv');
    expect(negotiate(OFFER, 'application/xml', 'arrow')).toBe('arrow');
    expect(negotiate(OFFER, 'text/csv', 'xml')).toBe('csv');
  });
});
