/** One bar, and whether it is the one that the plot is about. */
export interface ShareBar {
  readonly label: string;
  readonly value: number;
  readonly marked: boolean;
}

const WIDTH = 720;
const ROW = 22;
const LABEL = 210;

/** Horizontal bars as SVG text on a linear axis from 0; those longer than `most` are cut there and say their value. */
export function sharePlot(title: string, bars: readonly ShareBar[], most: number): string {
  const rows = bars.map(({ label, value, marked }, index) => {
    const y = 36 + index * ROW;
    const length = (Math.min(value, most) / most) * (WIDTH - LABEL - 60);
    return [
      `<text x="${LABEL - 8}" y="${y + 12}" text-anchor="end">${label}</text>`,
      `<rect x="${LABEL}" y="${y}" width="${length.toFixed(1)}" height="15" fill="${marked ? '#c2571a' : '#1f6fb2'}"/>`,
      `<text x="${(LABEL + length + 6).toFixed(1)}" y="${y + 12}">${value.toFixed(3)}</text>`,
    ].join('');
  });
  const height = 44 + bars.length * ROW;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/><text x="12" y="22" font-size="14">${title}</text>${rows.join('')}</svg>\n`;
}
