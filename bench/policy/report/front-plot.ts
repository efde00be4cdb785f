/** Policies as points of cold share against waste, joined where they are one at several prices. */
export interface PlottedFront {
  readonly label: string;
  readonly points: readonly { readonly waste: number; readonly cold: number }[];
}

const [WIDTH, HEIGHT] = [760, 420] as const;
const [LEFT, RIGHT, TOP, BOTTOM] = [60, 190, 36, 40] as const;
const COLOURS = ['#c2571a', '#1f6fb2', '#2c8a4b', '#8a4fb0', '#b03a4f', '#777777', '#a08a1c'];
const TICKS = 5;
const LEAST = 1e-3;

/** Fronts as SVG text: waste to the right, the cold share upward in its logarithm; shares of 0 are left out. */
export function frontPlot(
  title: string,
  axes: { readonly x: string; readonly y: string },
  fronts: readonly PlottedFront[],
): string {
  const shown = fronts.map(({ label, points }) => ({ label, points: points.filter(({ cold }) => cold > LEAST) }));
  const all = shown.flatMap(({ points }) => points);
  const right = Math.max(1e-9, ...all.map(({ waste }) => waste)) * 1.05;
  const decades = all.map(({ cold }) => Math.log10(cold));
  const [low, high] = [Math.floor(Math.min(0, ...decades)), Math.ceil(Math.max(0, ...decades))];
  const x = (waste: number): number => LEFT + (waste / right) * (WIDTH - LEFT - RIGHT);
  const y = (decade: number): number =>
    HEIGHT - BOTTOM - ((decade - low) / Math.max(1, high - low)) * (HEIGHT - TOP - BOTTOM);
  const grid = Array.from({ length: high - low + 1 }, (_, index) => {
    const at = y(low + index).toFixed(1);
    return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}" stroke="#dddddd"/><text x="${LEFT - 6}" y="${at}" text-anchor="end">${Number((10 ** (low + index)).toPrecision(3))}</text>`;
  });
  const ticks = Array.from({ length: TICKS + 1 }, (_, index) => (right * index) / TICKS).map(
    (at) => `<text x="${x(at).toFixed(1)}" y="${HEIGHT - 22}" text-anchor="middle">${Number(at.toPrecision(3))}</text>`,
  );
  const drawn = shown.flatMap(({ label, points }, index) => {
    const colour = COLOURS[index % COLOURS.length] as string;
    const places = points.map(({ waste, cold }) => [x(waste).toFixed(1), y(Math.log10(cold)).toFixed(1)] as const);
    return [
      `<polyline points="${places.map((place) => place.join(',')).join(' ')}" fill="none" stroke="${colour}"/>`,
      ...places.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`),
      `<text x="${WIDTH - RIGHT + 10}" y="${TOP + 14 * (index + 1)}" fill="${colour}">${label}</text>`,
    ];
  });
  const names = [
    `<text x="12" y="20" font-size="14">${title}</text>`,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${axes.x}</text>`,
    `<text x="14" y="${HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 14 ${HEIGHT / 2})">${axes.y}</text>`,
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>${[...names, ...grid, ...ticks, ...drawn].join('')}</svg>\n`;
}
