import { BarChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent } from 'echarts/components';
import { init, use, type EChartsCoreOption } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { escapeHtml, trusted, type Markup } from '../markup.ts';

use([BarChart, LineChart, ScatterChart, GridComponent, MarkLineComponent, SVGRenderer]);

export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

export interface ChartText {
  /** Unique on the page; letters, digits and dashes. */
  readonly key: string;
  readonly title: string;
  /** What a reader who cannot see the chart should know. */
  readonly description: string;
}

/** One chart as inline SVG that scales with its container, labelled for screen readers, equal for equal input. */
export function svgChart(text: ChartText, size: ChartSize, option: EChartsCoreOption): Markup {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  try {
    chart.setOption({ animation: false, useUTC: true, ...option });
    return trusted(inline(chart.renderToSVGString({ useViewBox: true }), text, size));
  } finally {
    chart.dispose();
  }
}

/**
 * The renderer writes a stand-alone file: fixed size, namespaces, hover styles, and ids from a counter of the process.
 * Inline, the page decides size and font, and equal runs must give equal bytes.
 */
function inline(svg: string, { key, title, description }: ChartText, { width, height }: ChartSize): string {
  const open =
    `<svg class="${key.replace(/^.*-/, 'chart-')}" viewBox="0 0 ` +
    `${width} ${height}" role="img" ` +
    `aria-labelledby="${key}-t ` +
    `${key}-d"><title id="${key}-t">${escapeHtml(title)}</title><desc id="${key}-d">${escapeHtml(description)}</desc>`;
  return svg
    .replace(/^<svg [^>]*>/, open)
    .replace(/<style >[\s\S]*?<\/style>/g, '')
    .replace(/<rect [^>]*fill="none"><\/rect>/, '')
    .replace(/ class="zr\d+-cls-\d+"/g, '')
    .replace(/ pointer-events="visible"/g, '')
    .replace(/\bzr\d+-/g, `${key}-`)
    .replace(
      / style="font: normal (normal|bold) (\d+)px [^"]*"/g,
      (_, weight: string, px: string) => ` font-size="${px}"${weight === 'bold' ? ' font-weight="600"' : ''}`,
    )
    .replace(/ style="font-size:(\d+)px;font-family:[^"]*"/g, ' font-size="$1"')
    .replace(/\n+/g, '\n');
}
