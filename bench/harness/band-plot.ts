import type { Point } from './trend';

/** A line between two others that enclose where it should lie. */
export interface Band {
  readonly label: string;
  readonly low: readonly Point[];
  readonly high: readonly Point[];
}

const WIDTH = 720;
const HEIGHT = 300;
const LEFT = 60;
const RIGHT = 150;
const TOP = 36;
const BOTTOM = 40;
const COLOURS = ['#222222', '#c2571a', '#2c8a4b'];
const BAND = '#9ec5e8';
const TICKS = 5;

/** Lines over an axis of their own, with a shaded band behind them, as SVG text; both axes are linear, the upright one from 0. */
export function bandPlot(
  title: string,
  axes: { readonly x: string; readonly y: string },
  band: Band | null,
  lines: readonly { readonly label: string; readonly points: readonly Point[] }[],
): string {
  const all = [...lines.flatMap(({ points }) => points), ...(band ? [...band.low, ...band.high] : [])];
  // step by step: there may be more points than a call may have arguments
  const most = all.reduce((greatest, { value }) => Math.max(greatest, value), 1e-9) * 1.05;
  const first = all.reduce((least, { at }) => Math.min(least, at), Infinity);
  const last = all.reduce((greatest, { at }) => Math.max(greatest, at), -Infinity);
  const x = (at: number): number => LEFT + ((at - first) / Math.max(1e-9, last - first)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / most) * (HEIGHT - TOP - BOTTOM);
  const place = ({ at, value }: Point): string => `${x(at).toFixed(1)},${y(value).toFixed(1)}`;
  const ticks = Array.from({ length: TICKS + 1 }, (_, index) => index / TICKS);
  const grid = ticks.flatMap((share) => [
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(share * most).toFixed(1)}" y2="${y(share * most).toFixed(1)}" stroke="#dddddd"/>`,
    `<text x="${LEFT - 6}" y="${(y(share * most) + 4).toFixed(1)}" text-anchor="end">${short(share * most)}</text>`,
    `<text x="${x(first + share * (last - first)).toFixed(1)}" y="${HEIGHT - 22}" text-anchor="middle">${short(first + share * (last - first))}</text>`,
  ]);
  const key = (text: string, row: number, colour: string): string =>
    `<text x="${WIDTH - RIGHT + 10}" y="${TOP + 14 * (row + 1)}" fill="${colour}">${text}</text>`;
  const shade = band
    ? [
        `<polygon points="${[...band.low, ...[...band.high].reverse()].map(place).join(' ')}" fill="${BAND}" fill-opacity="0.6"/>`,
        key(band.label, lines.length, '#4a86b8'),
      ]
    : [];
  const drawn = lines.flatMap(({ label, points }, index) => {
    const colour = COLOURS[index % COLOURS.length] as string;
    return [
      `<polyline points="${points.map(place).join(' ')}" fill="none" stroke="${colour}" stroke-width="1.2"/>`,
      key(label, index, colour),
    ];
  });
  const names = [
    `<text x="12" y="20" font-size="14">${title}</text>`,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${axes.x}</text>`,
    `<text x="14" y="${HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 14 ${HEIGHT / 2})">${axes.y}</text>`,
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>${[...names, ...grid, ...shade, ...drawn].join('')}</svg>\n`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
