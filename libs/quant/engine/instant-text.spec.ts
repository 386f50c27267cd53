import { InstantText } from './instant-text.ts';

it('writes instants as toISOString does', () => {
  const text = new InstantText();
  const start = Date.UTC(2019, 11, 31, 23, 59, 58, 997);
  for (const step of [1, 2, 999, 1_000, 59_001, 3_599_999, 86_399_999, 7 * 86_400_000])
    for (let i = 0; i < 50; i++) expect(text.of(start + i * step)).toBe(new Date(start + i * step).toISOString());
  for (let day = -100_000; day < 150_000; day += 37)
    expect(text.of(day * 86_400_000)).toBe(new Date(day * 86_400_000).toISOString());
  expect(text.of(-1)).toBe(new Date(-1).toISOString());
});
