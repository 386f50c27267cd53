import { percent, quantity } from '../number-format.ts';
import type { Histogram } from '../return-histogram.ts';
import { html, type Interpolation, type Markup } from '../markup.ts';
import type { ChartSize, ChartText } from '../charts/svg-chart.ts';
import { NARROW, WIDE } from '../charts/axes.ts';

export type Draw = (text: ChartText, size: ChartSize) => Markup;

/** A chart drawn twice, across a page and for a phone; the stylesheet shows one, so a reader hears one too. */
export function responsiveFigure(
  text: ChartText,
  heights: { wide: number; narrow: number },
  caption: Interpolation,
  draw: Draw,
): Markup {
  return html`<figure><h3>${text.title}</h3><figcaption>${caption}</figcaption>
${draw({ ...text, key: `${text.key}-wide` }, { ...WIDE, height: heights.wide })}
${draw({ ...text, key: `${text.key}-narrow` }, { ...NARROW, height: heights.narrow })}</figure>`;
}

export function halfFigure(text: ChartText, size: ChartSize, caption: Interpolation, draw: Draw): Markup {
  return html`<figure><h3>${text.title}</h3><figcaption>${caption}</figcaption>
${draw({ ...text, key: `${text.key}-half` }, size)}</figure>`;
}

/** What the bars count, and what they leave out or draw together. */
export function histogramCaption(unit: string, { step, beyond, unchanged }: Histogram): string {
  const width = percent(step, 3).replace(/\.?0+%$/, '%');
  const flat =
    unchanged > 0
      ? ` ${quantity(unchanged)} ${unit}${unchanged === 1 ? '' : 's'} with a return of exactly zero left out.`
      : '';
  const tails = beyond > 0 ? ` ${quantity(beyond)} more extreme counted in the outermost bars.` : '';
  return `Number of ${unit}s by return, in steps of ${width}.${flat}${tails}`;
}
