import { DomainError } from '#kernel';
import type { WrittenTime } from './parse-timestamp.ts';

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const DIRECTIVES: Readonly<Record<string, string>> = {
  Y: '(?<Y>\\d{4})',
  y: '(?<y>\\d{2})',
  m: '(?<m>\\d{1,2})',
  d: '(?<d>\\d{1,2})',
  H: '(?<H>\\d{1,2})',
  I: '(?<I>\\d{1,2})',
  M: '(?<M>\\d{1,2})',
  S: '(?<S>\\d{1,2})',
  f: '(?<f>\\d{1,6})',
  g: '(?<f>\\d{1,3})',
  p: '(?<p>AM|PM|am|pm)',
  z: '(?<z>Z|[+-]\\d{2}(?::?\\d{2})?)',
  b: `(?<b>${MONTHS.map((month) => month.slice(0, 3)).join('|')})`,
  B: `(?<B>${MONTHS.join('|')})`,
  '%': '%',
  a: '[A-Za-z]{3}',
  A: '[A-Za-z]{6,9}',
};

const HINT = 'The dialect is strptime, such as %Y.%m.%d or %d/%m/%Y %H:%M.';

/** 422 `bad_date_format` at `/parse/date_format`: what is wrong with it, and the dialect. */
export function badDateFormat(format: string, fault: string): DomainError {
  return new DomainError(422, 'bad_date_format', {
    detail: `The date format ${JSON.stringify(format)} ${fault}`,
    hint: HINT,
    errors: [
      {
        pointer: '/parse/date_format',
        code: 'bad_date_format',
        message: `is ${JSON.stringify(format)}, which ${fault} Accepted: strptime, such as %Y.%m.%d`,
      },
    ],
  });
}

/** Whether a format reads a time of day, too. */
export function readsTime(format: string): boolean {
  return /%-?[HI]/.test(format);
}

/**
 * Compiles a format of DuckDB's strptime. Throws 422 `bad_date_format` for directives that are not supported or a
 * format without a full date.
 */
export function compileDateFormat(format: string): (text: string) => WrittenTime | null {
  const pattern = format.replace(
    /%-?(.)|([.*+?^${}()|[\]\\])/g,
    (_, directive: string | undefined, special: string | undefined) => {
      if (special !== undefined) return `\\${special}`;
      const known = DIRECTIVES[directive!];
      if (known === undefined)
        throw badDateFormat(
          format,
          `has the directive %${directive}; there are ${Object.keys(DIRECTIVES)
            .map((name) => `%${name}`)
            .join(' ')}.`,
        );
      return known;
    },
  );
  if (!/\(\?<[Yy]>/.test(pattern) || !/\(\?<[mbB]>/.test(pattern) || !/\(\?<d>/.test(pattern))
    throw badDateFormat(format, 'does not name year, month and day.');
  const names = [...pattern.matchAll(/\(\?<(\w)>/g)].map(([, name]) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw badDateFormat(format, `names one part twice (%${twice}).`);
  const regex = new RegExp(`^${pattern}$`, 'i');
  const dateOnly = !readsTime(format);
  return (text) => {
    const groups = regex.exec(text.trim())?.groups;
    return groups ? assemble(groups, dateOnly) : null;
  };
}

function assemble(groups: Record<string, string | undefined>, dateOnly: boolean): WrittenTime | null {
  const { Y, y, m, d, H, I, M, S, f, p, z, b, B } = groups;
  const year = Y !== undefined ? Number(Y) : Number(y) + (Number(y) < 69 ? 2000 : 1900);
  const name = (b ?? B)?.toLowerCase();
  const month = name === undefined ? Number(m) : MONTHS.findIndex((candidate) => candidate.startsWith(name)) + 1;
  const hour = I === undefined ? Number(H ?? 0) : (Number(I) % 12) + (p?.toLowerCase() === 'pm' ? 12 : 0);
  const ms = Date.UTC(year, month - 1, Number(d), hour, Number(M ?? 0), Number(S ?? 0));
  const date = new Date(ms);
  if (
    date.getUTCMonth() + 1 !== month ||
    date.getUTCDate() !== Number(d) ||
    hour > 23 ||
    Number(M ?? 0) > 59 ||
    Number(S ?? 0) > 59
  )
    return null;
  return {
    wall: ms * 1_000 + Number((f ?? '').padEnd(6, '0')),
    offset: z === undefined ? null : zoneMicros(z),
    dateOnly,
  };
}

function zoneMicros(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  return (zone.startsWith('-') ? -1 : 1) * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60e6;
}
