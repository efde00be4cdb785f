/** One bar: from 0 to `p50` solid, on to `p99` light. */
export interface PlotBar {
  readonly label: string;
  readonly p50: number;
  readonly p99: number;
}

const WIDTH = 720;
const ROW = 26;
const LABEL = 190;

/** A horizontal bar chart as SVG text, values in milliseconds on a logarithmic axis from 0.1. */
export function barPlot(title: string, bars: readonly PlotBar[]): string {
  const most = Math.max(1, ...bars.map((bar) => bar.p99));
  const decades = Math.log10(most / 0.1);
  const x = (value: number): number =>
    LABEL + (Math.max(0, Math.log10(Math.max(value, 0.1) / 0.1)) / decades) * (WIDTH - LABEL - 90);
  const rows = bars.map((bar, index) => {
    const y = 40 + index * ROW;
    const value = `${bar.p50.toFixed(1)} / ${bar.p99.toFixed(1)}`;
    return [
      `<text x="${LABEL - 8}" y="${y + 13}" text-anchor="end">${bar.label}</text>`,
      `<rect x="${LABEL}" y="${y}" width="${(x(bar.p99) - LABEL).toFixed(1)}" height="17" fill="#9ec5e8"/>`,
      `<rect x="${LABEL}" y="${y}" width="${(x(bar.p50) - LABEL).toFixed(1)}" height="17" fill="#1f6fb2"/>`,
      `<text x="${(x(bar.p99) + 6).toFixed(1)}" y="${y + 13}">${value}</text>`,
    ].join('');
  });
  const height = 50 + bars.length * ROW;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/><text x="12" y="22" font-size="14">${title}</text>${rows.join('')}</svg>\n`;
}
