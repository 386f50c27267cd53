import { readFileSync } from 'node:fs';
import { asyncApiDocument } from './asyncapi-document.ts';

describe('asyncapi.json', () => {
  it('is what the code says', () => {
    expect(JSON.parse(readFileSync('asyncapi.json', 'utf8'))).toEqual(asyncApiDocument());
  });

  it('describes every message with an example that has its required members', () => {
    const { components } = asyncApiDocument() as {
      components: {
        messages: Record<
          string,
          {
            payload: { required: string[]; properties: object; additionalProperties: boolean };
            examples: { payload: object }[];
          }
        >;
      };
    };
    for (const { payload, examples } of Object.values(components.messages)) {
      for (const example of examples) {
        expect(Object.keys(example.payload)).toEqual(expect.arrayContaining(payload.required));
        if (!payload.additionalProperties)
          expect(Object.keys(payload.properties)).toEqual(expect.arrayContaining(Object.keys(example.payload)));
      }
    }
  });
});
