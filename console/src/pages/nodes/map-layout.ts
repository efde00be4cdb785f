import type { Tier } from '../../../../core/function/manifest';
import { TIER_ORDER } from '../../lib/tiers';
import type { MapEdge, MapModel, MapNode, PlacedFunction } from './map-model';

/** A rectangle in the map's own units; its drawing is scaled to the page. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface LaidChip extends Box {
  readonly placed: PlacedFunction;
}
export interface LaidNode extends Box {
  readonly node: MapNode;
  readonly chips: readonly LaidChip[];
  /** Functions for which there was no room. */
  readonly more: number;
}
export interface LaidEdge extends MapEdge {
  readonly kind: 'users' | 'call';
  /** Of an SVG path. */
  readonly path: string;
  /** Of its line, by its share of the most that any edge carries. */
  readonly width: number;
}
export interface MapLayout {
  readonly width: number;
  readonly height: number;
  readonly tiers: readonly (Box & { readonly tier: Tier })[];
  readonly regions: readonly (Box & { readonly region: string })[];
  readonly nodes: readonly LaidNode[];
  readonly edges: readonly LaidEdge[];
}

const WIDTH = 960;
const [NODE_WIDTH, GAP, MARGIN, LABEL_WIDTH] = [200, 24, 16, 84];
const [HEAD, CHIP, CHIP_GAP, PAD] = [58, 24, 6, 8];
const [REGION_HEIGHT, BETWEEN] = [34, 44];
const MOST_CHIPS = 8;
const PER_ROW = Math.floor((WIDTH - LABEL_WIDTH - MARGIN) / (NODE_WIDTH + GAP));
const [THINNEST, THICKEST] = [1.5, 7];

/** Users on top, then the tiers from the edge inwards, each with its nodes in rows; the same model always gives the same map. */
export function layoutMap(model: MapModel): MapLayout {
  const busiest = callsOf(model);
  const regions = rowOf(model.regions.length, 120).map((x, index) => ({
    ...{ x, y: MARGIN, width: 120, height: REGION_HEIGHT },
    region: model.regions[index] ?? '',
  }));
  let y = MARGIN + (regions.length > 0 ? REGION_HEIGHT + BETWEEN : 0);
  const tiers: (Box & { tier: Tier })[] = [];
  const nodes: LaidNode[] = [];
  for (const tier of TIER_ORDER) {
    const own = model.nodes.filter((node) => node.tier === tier);
    if (own.length === 0) continue;
    const top = y;
    y += PAD;
    for (let at = 0; at < own.length; at += PER_ROW) {
      const row = own.slice(at, at + PER_ROW).map((node, index) => {
        return layNode(node, LABEL_WIDTH + index * (NODE_WIDTH + GAP), y, busiest);
      });
      nodes.push(...row);
      y += Math.max(...row.map(({ height }) => height)) + GAP;
    }
    y += PAD - GAP;
    tiers.push({ tier, x: MARGIN / 2, y: top, width: WIDTH - MARGIN, height: y - top });
    y += BETWEEN;
  }
  return {
    width: WIDTH,
    height: Math.max(y - BETWEEN, MARGIN + REGION_HEIGHT) + MARGIN,
    tiers,
    regions,
    nodes,
    edges: edgesOf(model, regions, nodes),
  };
}

/** Calls to and from each function: those that matter most are shown where there is no room for all. */
function callsOf({ fromUsers, betweenFunctions }: MapModel): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  const add = (name: string, calls: number): void => void sums.set(name, (sums.get(name) ?? 0) + calls);
  for (const { to, calls } of fromUsers) add(to, calls);
  for (const { from, to, calls } of betweenFunctions) {
    add(from, calls);
    add(to, calls);
  }
  return sums;
}

function layNode(node: MapNode, x: number, y: number, busiest: ReadonlyMap<string, number>): LaidNode {
  const moving = ({ change }: PlacedFunction): number => (change === 'stays' ? 0 : 1);
  const sorted = [...node.functions].sort(
    (a, b) =>
      moving(b) - moving(a) ||
      (busiest.get(b.function) ?? 0) - (busiest.get(a.function) ?? 0) ||
      (a.function < b.function ? -1 : 1),
  );
  const shown = sorted.length > MOST_CHIPS ? sorted.slice(0, MOST_CHIPS - 1) : sorted;
  const more = sorted.length - shown.length;
  const lines = shown.length + (more > 0 ? 1 : 0);
  const chips = shown.map((placed, index) => ({
    placed,
    ...{ x: x + PAD, y: y + HEAD + index * (CHIP + CHIP_GAP), width: NODE_WIDTH - 2 * PAD, height: CHIP },
  }));
  const height = HEAD + Math.max(1, lines) * (CHIP + CHIP_GAP) + PAD - CHIP_GAP;
  return { node, x, y, width: NODE_WIDTH, height, chips, more };
}

function edgesOf(
  { fromUsers, betweenFunctions }: MapModel,
  regions: readonly (Box & { readonly region: string })[],
  nodes: readonly LaidNode[],
): LaidEdge[] {
  const most = Math.max(1, ...[...fromUsers, ...betweenFunctions].map(({ calls }) => calls));
  const widthOf = (calls: number): number => THINNEST + (THICKEST - THINNEST) * (Math.log1p(calls) / Math.log1p(most));
  const regionOf = (name: string): Box | undefined => regions.find(({ region }) => region === name);
  const edges: LaidEdge[] = [];
  for (const edge of fromUsers) {
    const [from, to] = [regionOf(edge.from), anchorOf(nodes, edge.to)];
    if (from && to) edges.push({ ...edge, kind: 'users', path: downPath(from, to), width: widthOf(edge.calls) });
  }
  for (const edge of betweenFunctions) {
    const [from, to] = [anchorOf(nodes, edge.from), anchorOf(nodes, edge.to)];
    if (from && to) edges.push({ ...edge, kind: 'call', path: callPath(from, to), width: widthOf(edge.calls) });
  }
  return edges;
}

/** Where a function is drawn: on the node with most of its traffic, where it is on several. */
function anchorOf(nodes: readonly LaidNode[], name: string): Box | undefined {
  const chips = nodes.flatMap((laid) => laid.chips).filter(({ placed }) => placed.function === name);
  return chips.sort(
    (a, b) => (b.placed.weight ?? 0) - (a.placed.weight ?? 0) || b.placed.instances - a.placed.instances,
  )[0];
}

/** From the lower edge of one down the gap beside the other's node, and in from the left: it crosses no node. */
function downPath(from: Box, to: Box): string {
  const [x1, y1, y2] = [from.x + from.width / 2, from.y + from.height, to.y + to.height / 2];
  const [gap, bend] = [to.x - PAD - GAP / 2, y1 + BETWEEN - PAD];
  return `M ${x1} ${y1} C ${x1} ${bend}, ${gap} ${y1}, ${gap} ${bend} L ${gap} ${y2 - PAD} Q ${gap} ${y2}, ${gap + PAD} ${y2} L ${to.x} ${y2}`;
}

/** Between two functions: from side to side; around the right where one is above the other. */
function callPath(from: Box, to: Box): string {
  const [y1, y2] = [from.y + from.height / 2, to.y + to.height / 2];
  if (from.x === to.x) {
    const [x, out] = [from.x + from.width, GAP + Math.min(PAD * 2, Math.abs(y2 - y1) / 8)];
    return `M ${x} ${y1} C ${x + out} ${y1}, ${x + out} ${y2}, ${x} ${y2}`;
  }
  const [x1, x2] = from.x < to.x ? [from.x + from.width, to.x] : [from.x, to.x + to.width];
  const bend = (x2 - x1) / 2;
  return `M ${x1} ${y1} C ${x1 + bend} ${y1}, ${x2 - bend} ${y2}, ${x2} ${y2}`;
}

/** Left edges of so many boxes, spread evenly. */
function rowOf(count: number, width: number): number[] {
  const room = (WIDTH - LABEL_WIDTH - MARGIN) / Math.max(1, count);
  return Array.from({ length: count }, (_, index) => LABEL_WIDTH + index * room + Math.max(0, (room - width) / 2));
}
