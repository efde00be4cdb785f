import { useMemo } from 'preact/hooks';
import type { CourtCaseView } from '../../lib/answers';
import { paretoPlot } from './pareto';
import './court.css';

/** Cold share against idle memory: the nearer to the lower left the better. The table beside it says the same. */
export function ParetoChart({ policies }: { policies: NonNullable<CourtCaseView['result']>['policies'] }) {
  const { width, height, plot, points, front, xTicks, yTicks } = useMemo(() => paretoPlot(policies), [policies]);
  return (
    <figure class="chart">
      <figcaption>Cold share against idle memory: lower and further left is better</figcaption>
      <svg
        class="pareto"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`${points.length} policies by cold share and idle memory; on the front: ${points.filter(({ onFront }) => onFront).map(({ policy }) => policy).join(', ')}. The table below says the same.`} // prettier-ignore
      >
        {xTicks.map(({ at, text }) => (
          <g key={text}>
            <line x1={at} x2={at} y1={plot.top} y2={plot.bottom} />
            <text x={at} y={plot.bottom + 18} text-anchor="middle">
              {text}
            </text>
          </g>
        ))}
        {yTicks.map(({ at, text }) => (
          <g key={text}>
            <line x1={plot.left} x2={plot.right} y1={at} y2={at} />
            <text x={plot.left - 8} y={at + 4} text-anchor="end">
              {text}
            </text>
          </g>
        ))}
        <text x={(plot.left + plot.right) / 2} y={height - 8} text-anchor="middle">
          idle memory, GB·s
        </text>
        <text
          x={14}
          y={(plot.top + plot.bottom) / 2}
          text-anchor="middle"
          transform={`rotate(-90 14 ${(plot.top + plot.bottom) / 2})`}
        >
          cold share
        </text>
        <polyline points={front} />
        {points.map(({ policy, x, y, side, labelY, onFront, cheapest }) => (
          <g key={policy} class={onFront ? 'point front' : 'point'} data-policy={policy}>
            {onFront ? <circle cx={x} cy={y} r={7} /> : <rect x={x - 5} y={y - 5} width={10} height={10} />}
            <text
              x={side === 'right' ? x + 12 : x - 12}
              y={labelY + 4}
              text-anchor={side === 'right' ? 'start' : 'end'}
            >
              {policy}
              {cheapest ? ' (cheapest)' : ''}
            </text>
          </g>
        ))}
      </svg>
      <p class="hint">
        Circles on the line are the front: no other policy is as good in both and better in one. Squares are beaten.
      </p>
    </figure>
  );
}
