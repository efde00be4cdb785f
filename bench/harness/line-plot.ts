import type { Point } from './trend';

/** One line of a plot; its points are in order of time. */
export interface PlotLine {
  readonly label: string;
  readonly points: readonly Point[];
}

const WIDTH = 720;
const HEIGHT = 260;
const LEFT = 60;
const RIGHT = 150;
const TOP = 36;
const BOTTOM = 28;
const COLOURS = ['#1f6fb2', '#c2571a', '#2c8a4b', '#8a4fb0', '#b03a4f', '#777777'];
const TICKS = 4;

/** Lines over minutes as SVG text, from 0 up. @param unit of the values */
export function linePlot(title: string, unit: string, lines: readonly PlotLine[]): string {
  const all = lines.flatMap(({ points }) => points);
  const most = Math.max(1e-9, ...all.map(({ value }) => value)) * 1.05;
  const longest = Math.max(1e-9, ...all.map(({ at }) => at));
  const x = (at: number): number => LEFT + (at / longest) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / most) * (HEIGHT - TOP - BOTTOM);
  const ticks = Array.from({ length: TICKS + 1 }, (_, index) => index / TICKS);
  const axes = ticks.flatMap((share) => [
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(share * most)}" y2="${y(share * most)}" stroke="#dddddd"/>`,
    `<text x="${LEFT - 6}" y="${y(share * most) + 4}" text-anchor="end">${short(share * most)}</text>`,
    `<text x="${x(share * longest)}" y="${HEIGHT - 8}" text-anchor="middle">${short(share * longest)} min</text>`,
  ]);
  const drawn = lines.flatMap(({ label, points }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const path = points.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>`,
      `<text x="${WIDTH - RIGHT + 10}" y="${TOP + 14 * (index + 1)}" fill="${colour}">${label}</text>`,
    ];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/><text x="12" y="20" font-size="14">${title} (${unit})</text>${axes.join('')}${drawn.join('')}</svg>\n`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
