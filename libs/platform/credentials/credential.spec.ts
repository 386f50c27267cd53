import { fieldsOf, textsOf } from './credential.ts';

describe('A secret', () => {
  it('that is a JSON object has its members as fields, any other text is one field', () => {
    expect(fieldsOf('{"key_id":"a","secret":"b"}')).toEqual({ key_id: 'a', secret: 'b' });
    for (const text of ['plain', '"quoted"', '12', '[1]', 'null', '{"cut":'])
      expect(fieldsOf(text)).toEqual({ credential: text });
  });

  it('is masked as a whole and in its parts', () => {
    expect(textsOf('plain')).toEqual(['plain']);
    const text = '{"key_id":"a","deep":{"list":["b",1]}}';
    expect(textsOf(text)).toEqual([text, 'a', 'b']);
  });
});
