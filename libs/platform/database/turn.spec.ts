import { Turn } from './turn.ts';

describe('Turn', () => {
  let asked: string[][];
  let turn: Turn<string, string>;

  beforeEach(() => {
    asked = [];
    turn = new Turn(async (questions) => {
      asked.push([...questions]);
      return questions.map((question) => (question === 'bad' ? Promise.reject(new Error('no')) : `${question}!`));
    });
  });

  it('asks once a turn and group, after the last one came, and gives everybody his own answer', async () => {
    const first = ['a', 'b', 'a'].map((question) => turn.put(question));
    const other = turn.put('c', 'other');
    expect(asked).toEqual([]);
    expect(await Promise.all([...first, other])).toEqual(['a!', 'b!', 'a!', 'c!']);
    expect(await turn.put('d')).toBe('d!');
    expect(asked).toEqual([['a', 'b', 'a'], ['c'], ['d']]);
  });

  it('refuses one without the others, or all', async () => {
    expect(await Promise.allSettled([turn.put('bad'), turn.put('good')])).toMatchObject([
      { reason: new Error('no') },
      { value: 'good!' },
    ]);
    const away = new Turn(() => Promise.reject(new Error('away')));
    expect(await Promise.allSettled([away.put(1), away.put(2)])).toMatchObject([
      { reason: new Error('away') },
      { reason: new Error('away') },
    ]);
  });

  it('bounds what is asked at once', async () => {
    const all = await Promise.all(Array.from({ length: 250 }, (_, i) => turn.put(String(i))));
    expect(asked.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(all.at(-1)).toBe('249!');
  });
});
