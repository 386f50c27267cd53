import 'reflect-metadata';
import { TextField } from './fields.ts';
import { RequestValidationPipe } from './validation.pipe.ts';

class Tagged {
  @TextField({ each: true, optional: true }) tags?: string[];
  @TextField({ max: 3 }) name!: string;
}

describe('RequestValidationPipe', () => {
  const pipe = new RequestValidationPipe();
  const refused = (value: unknown): Promise<unknown> =>
    pipe
      .transform(value, { type: 'body', metatype: Tagged })
      .catch((error: { options: { errors: unknown } }) => error.options.errors);

  it('speaks of a field without its name, and of the values of a list', async () => {
    expect(await refused({ name: 'long', tags: [1] })).toEqual([
      { pointer: '/tags', code: 'type', message: 'each value must be a string' },
      { pointer: '/name', code: 'length', message: 'must be shorter than or equal to 3 characters' },
    ]);
  });
});
