import type { PlacementNode } from '../../core/placement/placement-case';

/** A place where users, data and nodes are. */
export interface City {
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
}

/** Cities in which public clouds have regions. */
const CITIES: readonly City[] = [
  { name: 'frankfurt', latitude: 50.1, longitude: 8.7 },
  { name: 'virginia', latitude: 38.9, longitude: -77.4 },
  { name: 'singapore', latitude: 1.35, longitude: 103.8 },
  { name: 'oregon', latitude: 45.6, longitude: -121.2 },
  { name: 'sao-paulo', latitude: -23.5, longitude: -46.6 },
  { name: 'tokyo', latitude: 35.7, longitude: 139.7 },
  { name: 'mumbai', latitude: 19.1, longitude: 72.9 },
  { name: 'sydney', latitude: -33.9, longitude: 151.2 },
  { name: 'stockholm', latitude: 59.3, longitude: 18.1 },
  { name: 'johannesburg', latitude: -26.2, longitude: 28.0 },
];

const EARTH_KM = 6_371;
/** Light in glass takes a millisecond for 200 km one way; fibres are half as long again as the great circle. */
const KM_PER_ROUND_TRIP_MS = 200 / 2 / 1.5;
/** From users to a node in their own city: over the access network alone, to the regional centre, to the central site. */
const ACCESS_MS = { edge: 5, regional: 20, central: 30 } as const;
const WITHIN_NODE_MS = 0.3;
const WITHIN_CITY_MS = 2;
const GIB = 2 ** 30;
const CENTRAL_SHARE = 0.12;

const SIZES = {
  edge: { cpuMillis: 4_000, memoryBytes: 8 * GIB, slots: 64, bandwidthBytesPerSecond: 125e6, priceFactor: 2 },
  regional: { cpuMillis: 16_000, memoryBytes: 32 * GIB, slots: 256, bandwidthBytesPerSecond: 1.25e9, priceFactor: 1.4 },
  central: { cpuMillis: 64_000, memoryBytes: 128 * GIB, slots: 1_024, bandwidthBytesPerSecond: 5e9, priceFactor: 1 },
} as const;

/** So many cities for so many nodes: one for each six or so. */
export function citiesFor(nodes: number): readonly City[] {
  return CITIES.slice(0, Math.max(3, Math.min(CITIES.length, Math.round(nodes / 6))));
}

/** Central nodes in every other city, and in each city two edge nodes to one regional one. */
export function nodesIn(cities: readonly City[], count: number): readonly PlacementNode[] {
  const central = Math.max(2, Math.round(CENTRAL_SHARE * count));
  const node = (tier: PlacementNode['tier'], { name: region }: City, number: number): PlacementNode => ({
    name: `${tier}-${region}-${number}`,
    region,
    tier,
    state: 'ready',
    ...SIZES[tier],
  });
  const around = Array.from({ length: count - central }, (_, index) => {
    const round = Math.floor(index / cities.length);
    return node(round % 3 === 1 ? 'regional' : 'edge', cities[index % cities.length]!, round);
  });
  const core = Array.from({ length: central }, (_, index) =>
    node('central', cities[(2 * index) % cities.length]!, index),
  );
  return [...around, ...core];
}

/** Round trip in ms of a city's users to a node. */
export function userMs(city: City, node: PlacementNode, cities: readonly City[]): number {
  return rounded(distanceMs(city, cityOf(node, cities)) + ACCESS_MS[node.tier]);
}

/** Round trip in ms of data that lies in a city's regional centre. */
export function dataMs(city: City, node: PlacementNode, cities: readonly City[]): number {
  const access = node.tier === 'edge' ? ACCESS_MS.regional - ACCESS_MS.edge : WITHIN_CITY_MS;
  return rounded(distanceMs(city, cityOf(node, cities)) + access);
}

/** Round trip in ms between two nodes. */
export function nodeMs(a: PlacementNode, b: PlacementNode, cities: readonly City[]): number {
  if (a.name === b.name) return WITHIN_NODE_MS;
  return rounded(distanceMs(cityOf(a, cities), cityOf(b, cities)) + uplinkMs(a) + uplinkMs(b));
}

function uplinkMs({ tier }: PlacementNode): number {
  return tier === 'edge' ? (ACCESS_MS.regional - ACCESS_MS.edge) / 2 : WITHIN_CITY_MS / 2;
}

function cityOf({ region }: PlacementNode, cities: readonly City[]): City {
  return cities.find(({ name }) => name === region)!;
}

/** Over the great circle. */
function distanceMs(a: City, b: City): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const [north, east] = [radians(b.latitude - a.latitude), radians(b.longitude - a.longitude)];
  const chord =
    Math.sin(north / 2) ** 2 + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * Math.sin(east / 2) ** 2;
  return (2 * EARTH_KM * Math.asin(Math.sqrt(chord))) / KM_PER_ROUND_TRIP_MS;
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
