import { useMemo } from 'preact/hooks';
import { bytes, count, ms, percent } from '../../lib/format';
import { Table } from '../../ui/table';
import { layoutMap, type LaidChip, type LaidEdge, type LaidNode } from './map-layout';
import type { MapModel, PlacedFunction } from './map-model';
import './nodes.css';

const MARKS: Readonly<Record<PlacedFunction['change'], string>> = { stays: '', leaves: ' − leaves', comes: ' + comes' };

/** The map of tiers, and the same in tables for who does not see it. */
export function TierMap({ title, model }: { title: string; model: MapModel }) {
  const layout = useMemo(() => layoutMap(model), [model]);
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <div class="map" role="region" aria-label={`${title}, drawn`} tabIndex={0}>
        <svg viewBox={`0 0 ${layout.width} ${layout.height}`} role="img" aria-label={inWords(model)}>
          <defs>
            <marker
              id="arrow"
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="9"
              markerHeight="9"
              markerUnits="userSpaceOnUse"
              orient="auto-start-reverse"
            >
              <path d="M 0 0 L 8 4 L 0 8 z" class="arrow" />
            </marker>
          </defs>
          {layout.tiers.map(({ tier, ...box }) => (
            <g key={tier} class="tier">
              <rect {...box} rx={10} />
              <text x={box.x + 12} y={box.y + 24}>
                {tier}
              </text>
            </g>
          ))}
          {layout.regions.map(({ region, ...box }) => (
            <g key={region} class="region" data-region={region}>
              <rect {...box} rx={box.height / 2} />
              <text x={box.x + box.width / 2} y={box.y + 22} text-anchor="middle">
                users in {fitted(region, 9)}
              </text>
            </g>
          ))}
          {layout.nodes.map((laid) => (
            <NodeBox key={laid.node.name} laid={laid} />
          ))}
          {layout.edges.map((edge) => (
            <Edge key={`${edge.kind} ${edge.from} ${edge.to}`} edge={edge} />
          ))}
        </svg>
      </div>
      <details>
        <summary>In tables</summary>
        <MapTables model={model} />
      </details>
    </figure>
  );
}

function NodeBox({ laid: { node, chips, more, ...box } }: { laid: LaidNode }) {
  const { name, state, region, load } = node;
  const last = chips.at(-1);
  return (
    <g class={`node ${state}`} data-node={name}>
      <rect x={box.x} y={box.y} width={box.width} height={box.height} rx={8} />
      <text class="name" x={box.x + 10} y={box.y + 20}>
        {fitted(name, 20)}
      </text>
      <text class="about" x={box.x + 10} y={box.y + 36}>
        {fitted(`${region} · ${state}${load === null ? '' : ` · ${percent(load)} full`}`, 34)}
      </text>
      {load !== null && (
        <>
          <rect class="track" x={box.x + 10} y={box.y + 42} width={box.width - 20} height={7} rx={3} />
          <rect
            class="load"
            x={box.x + 10}
            y={box.y + 42}
            width={(box.width - 20) * Math.min(1, load)}
            height={7}
            rx={3}
          />
        </>
      )}
      {chips.length === 0 && (
        <text class="about" x={box.x + 10} y={box.y + 76}>
          no function
        </text>
      )}
      {chips.map((chip) => (
        <Chip key={chip.placed.function} chip={chip} />
      ))}
      {more > 0 && last && (
        <text class="about" x={last.x} y={last.y + 2 * last.height}>
          and {more} more
        </text>
      )}
    </g>
  );
}

function Chip({ chip: { placed, ...box } }: { chip: LaidChip }) {
  const { function: name, weight, instances, change } = placed;
  const note = MARKS[change] || (weight === null ? '' : ` ${weight} %`) + (instances > 0 ? ` ×${instances}` : '');
  return (
    <g class={`chip ${change}`} data-function={name}>
      <rect {...box} rx={5} />
      <text x={box.x + 8} y={box.y + 16}>
        {fitted(name, 24 - note.length)}
        <tspan class="about">{note}</tspan>
      </text>
    </g>
  );
}

function Edge({ edge: { kind, from, to, calls, p99Ms, path, width } }: { edge: LaidEdge }) {
  const who = kind === 'users' ? `users in ${from}` : from;
  return (
    <path class={`edge ${kind}`} d={path} stroke-width={width} marker-end="url(#arrow)" data-edge={`${from}→${to}`}>
      <title>{`${who} → ${to}: ${count(calls)} calls${p99Ms === null ? '' : `, p99 ${ms(p99Ms)}`}`}</title>
    </path>
  );
}

function MapTables({ model }: { model: MapModel }) {
  return (
    <>
      <Table
        caption="Nodes and their functions"
        columns={[
          { label: 'Node', value: (node) => node.name },
          { label: 'Tier', value: (node) => node.tier },
          { label: 'Region', value: (node) => node.region },
          { label: 'State', value: (node) => node.state },
          { label: 'Memory', numeric: true, value: (node) => (node.load === null ? '–' : `${percent(node.load)} of ${bytes(node.memoryBytes)}`) }, // prettier-ignore
          { label: 'Functions', value: (node) => node.functions.map((placed) => placed.function + MARKS[placed.change]).join(', ') || 'none' }, // prettier-ignore
        ]}
        rows={model.nodes}
        keyOf={(node) => node.name}
        empty={<p>There is no node.</p>}
      />
      <Table
        caption="Calls"
        columns={[
          { label: 'From', value: (edge) => edge.from },
          { label: 'To', value: (edge) => edge.to },
          { label: 'Calls', numeric: true, value: (edge) => count(edge.calls) },
          { label: 'p99', numeric: true, value: (edge) => ms(edge.p99Ms) },
        ]}
        rows={[
          ...model.fromUsers.map((edge) => ({ ...edge, from: `users in ${edge.from}` })),
          ...model.betweenFunctions,
        ]}
        keyOf={(edge) => `${edge.from} ${edge.to}`}
        empty={<p>Nothing was called in this time.</p>}
      />
    </>
  );
}

function inWords({ nodes, betweenFunctions, regions }: MapModel): string {
  const placed = nodes.reduce((sum, node) => sum + node.functions.length, 0);
  return `${nodes.length} nodes with ${placed} functions; ${betweenFunctions.length} functions call others; users in ${regions.length} regions. The tables below say the same.`;
}

function fitted(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(1, length - 1))}…`;
}
