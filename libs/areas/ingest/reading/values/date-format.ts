import { DomainError } from '#kernel';
import type { WrittenTime } from './parse-timestamp.ts';

const MONTHS = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december'];
const DIRECTIVES: Readonly<Record<string, string>> = {
  Y: '(?<Y>\\d{4})', y: '(?<y>\\d{2})', m: '(?<m>\\d{1,2})', d: '(?<d>\\d{1,2})', H: '(?<H>\\d{1,2})', I: '(?<I>\\d{1,2})', M: '(?<M>\\d{1,2})', S: '(?<S>\\d{1,2})',
  f: '(?<f>\\d{1,6})', g: '(?<f>\\d{1,3})', p: '(?<p>AM|PM|am|pm)', z: '(?<z>Z|[+-]\\d{2}(?::?\\d{2})?)', b: `(?<b>${MONTHS.map((month) => month.slice(0, 3)).join('|')})`, B: `(?<B>${MONTHS.join('|')})`,
  '%': '%', a: '[A-Za-z]{3}', A: '[A-Za-z]{6,9}',
};

/** Compiles a format of DuckDB's strptime. Throws 422 `bad_date_format` for directives that are not supported or a format without a full date. */
export function compileDateFormat(format: string): (text: string) => WrittenTime | null {
  const pattern = format.replace(/%-?(.)|([.*+?^${}()|[\]\\])/g, (_, directive: string | undefined, special: string | undefined) => {
    if (special !== undefined) return `\\${special}`;
    const known = DIRECTIVES[directive!];
    if (known === undefined) throw new DomainError(422, 'bad_date_format', { detail: `The directive %${directive} is not supported.`, hint: `Supported: ${Object.keys(DIRECTIVES).map((name) => `%${name}`).join(' ')}.` });
    return known;
  });
  if (!/\(\?<[Yy]>/.test(pattern) || !/\(\?<[mbB]>/.test(pattern) || !/\(\?<d>/.test(pattern)) throw new DomainError(422, 'bad_date_format', { detail: 'A date format names year, month and day.' });
  const regex = new RegExp(`^${pattern}$`, 'i');
  return (text) => {
    const groups = regex.exec(text.trim())?.groups;
    return groups ? assemble(groups) : null;
  };
}

function assemble(groups: Record<string, string | undefined>): WrittenTime | null {
  const { Y, y, m, d, H, I, M, S, f, p, z, b, B } = groups;
  const year = Y !== undefined ? Number(Y) : Number(y) + (Number(y) < 69 ? 2000 : 1900);
  const name = (b ?? B)?.toLowerCase();
  const month = name === undefined ? Number(m) : MONTHS.findIndex((candidate) => candidate.startsWith(name)) + 1;
  const hour = I === undefined ? Number(H ?? 0) : (Number(I) % 12) + (p?.toLowerCase() === 'pm' ? 12 : 0);
  const ms = Date.UTC(year, month - 1, Number(d), hour, Number(M ?? 0), Number(S ?? 0));
  const date = new Date(ms);
  if (date.getUTCMonth() + 1 !== month || date.getUTCDate() !== Number(d) || hour > 23 || Number(M ?? 0) > 59 || Number(S ?? 0) > 59) return null;
  return { wall: ms * 1_000 + Number((f ?? '').padEnd(6, '0')), offset: z === undefined ? null : zoneMicros(z) };
}

function zoneMicros(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  return (zone.startsWith('-') ? -1 : 1) * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60e6;
}
