import type { CourtCaseView } from '../../lib/answers';

type Report = NonNullable<CourtCaseView['result']>['policies'][number];

/** A policy as a point: how often it let callers start cold, at how much idle memory. */
export interface ParetoPoint {
  readonly policy: string;
  /** GB·s that were held beside serving: running, frozen and starting. */
  readonly idleGbSeconds: number;
  /** 0 to 1. */
  readonly coldShare: number;
  /** Micro-dollars, of what was held and of what callers waited. */
  readonly price: number;
  /** No other policy is as good in both and better in one. */
  readonly onFront: boolean;
  readonly cheapest: boolean;
}

export function paretoPoints(policies: readonly Report[]): ParetoPoint[] {
  const cheapest = Math.min(...policies.map(({ price }) => price.total));
  const points = policies.map(({ policy, coldShare, memoryGbSeconds, price }) => ({
    ...{ policy, coldShare, price: price.total },
    idleGbSeconds: idleOf(memoryGbSeconds),
  }));
  return points.map((point) => ({
    ...point,
    cheapest: point.price === cheapest,
    onFront: !points.some(
      (other) =>
        other.coldShare <= point.coldShare &&
        other.idleGbSeconds <= point.idleGbSeconds &&
        (other.coldShare < point.coldShare || other.idleGbSeconds < point.idleGbSeconds),
    ),
  }));
}

function idleOf({ running, frozen, starting }: Report['memoryGbSeconds']): number {
  return running + frozen + starting;
}

export interface PlottedPoint extends ParetoPoint {
  readonly x: number;
  readonly y: number;
  /** On which side its name has room, and how far below its place it stands so that names do not lie on each other. */
  readonly side: 'left' | 'right';
  readonly labelY: number;
}
export interface Tick {
  readonly at: number;
  readonly text: string;
}
export interface ParetoPlot {
  readonly width: number;
  readonly height: number;
  readonly plot: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
  readonly points: readonly PlottedPoint[];
  /** The front as the points of an SVG polyline, from little memory to much. */
  readonly front: string;
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
}

const [WIDTH, HEIGHT] = [720, 400];
const PLOT = { left: 70, right: WIDTH - 20, top: 20, bottom: HEIGHT - 50 };
const LABEL_HEIGHT = 16;

/** Both axes begin at 0, so that distances say what they are. */
export function paretoPlot(policies: readonly Report[]): ParetoPlot {
  const all = paretoPoints(policies);
  const xTop = niceTop(Math.max(...all.map(({ idleGbSeconds }) => idleGbSeconds), 0));
  const yTop = niceTop(Math.max(...all.map(({ coldShare }) => coldShare), 0));
  const xOf = (value: number): number => round(PLOT.left + ((PLOT.right - PLOT.left) * value) / xTop);
  const yOf = (value: number): number => round(PLOT.bottom - ((PLOT.bottom - PLOT.top) * value) / yTop);
  const placed = all.map((point) => ({ ...point, x: xOf(point.idleGbSeconds), y: yOf(point.coldShare) }));
  const front = placed.filter(({ onFront }) => onFront).sort((a, b) => a.x - b.x || b.y - a.y);
  const quarters = [0, 0.25, 0.5, 0.75, 1];
  return {
    ...{ width: WIDTH, height: HEIGHT, plot: PLOT },
    points: labelled(placed),
    front: front.map(({ x, y }) => `${x},${y}`).join(' '),
    xTicks: quarters.map((part) => ({ at: xOf(part * xTop), text: short(part * xTop) })),
    yTicks: quarters.map((part) => ({ at: yOf(part * yTop), text: `${short(part * yTop * 100)} %` })),
  };
}

/** Names stand apart from each other: each below the one before on its side, where it would lie on it. */
function labelled(points: readonly (ParetoPoint & { x: number; y: number })[]): PlottedPoint[] {
  const last = { left: -Infinity, right: -Infinity };
  return [...points]
    .sort((a, b) => a.y - b.y || a.x - b.x)
    .map((point) => {
      const side = point.x > (PLOT.left + PLOT.right) / 2 ? 'left' : 'right';
      const labelY = Math.max(point.y, last[side] + LABEL_HEIGHT);
      last[side] = labelY;
      return { ...point, side, labelY };
    });
}

/** The next of 1, 2, 2.5 and 5 times a power of ten; 1 where there is nothing. */
function niceTop(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 2.5, 5].find((step) => step * power >= value) ?? 10);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
