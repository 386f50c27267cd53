/** HTML that is safe to send. Made by `html` and `trusted` only. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Interpolation = string | number | Markup | readonly Interpolation[] | null | undefined | false;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For element content and quoted attribute values. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Only for text this folder wrote itself: the stylesheet and the charts. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

/** Template tag: escapes every interpolation that is not markup; null, undefined and false print nothing. */
export function html(strings: TemplateStringsArray, ...values: Interpolation[]): Markup {
  let text = strings[0] ?? '';
  values.forEach((value, i) => {
    text += print(value) + (strings[i + 1] ?? '');
  });
  return new Markup(text);
}

function print(value: Interpolation): string {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return escapeHtml(String(value));
  return value.map(print).join('');
}
