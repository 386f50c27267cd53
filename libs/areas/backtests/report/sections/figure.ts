import { html, type Interpolation, type Markup } from '../markup.ts';
import type { ChartSize, ChartText } from '../charts/svg-chart.ts';
import { NARROW, WIDE } from '../charts/axes.ts';

export type Draw = (text: ChartText, size: ChartSize) => Markup;

/** A chart drawn twice, across a page and for a phone; the stylesheet shows one, so a reader hears one too. */
export function responsiveFigure(text: ChartText, heights: { wide: number; narrow: number }, caption: Interpolation, draw: Draw): Markup {
  return html`<figure><h3>${text.title}</h3><figcaption>${caption}</figcaption>
${draw({ ...text, key: `${text.key}-wide` }, { ...WIDE, height: heights.wide })}
${draw({ ...text, key: `${text.key}-narrow` }, { ...NARROW, height: heights.narrow })}</figure>`;
}

export function halfFigure(text: ChartText, size: ChartSize, caption: Interpolation, draw: Draw): Markup {
  return html`<figure><h3>${text.title}</h3><figcaption>${caption}</figcaption>
${draw({ ...text, key: `${text.key}-half` }, size)}</figure>`;
}
