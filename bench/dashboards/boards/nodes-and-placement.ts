import type { Dashboard } from '../dashboard';
import { lines, rows } from '../panel';

/** Machines, what is on them, and what is moved between them. */
export const NODES_AND_PLACEMENT: Dashboard = {
  uid: 'presage-nodes',
  title: 'Presage / Nodes and placement',
  description: 'States and room of nodes, where functions sit and what it costs, and how moves end.',
  choices: [{ name: 'node', values: 'label_values(presage_node_up, node)' }],
  rows: {
    Nodes: [
      rows('States', 'short', 'Each node by tier and region, in the state in which it is.', {
        state: 'max by (node, tier, region, state) (presage_node_state{node=~"$node"}) == 1',
      }),
      lines(
        'Agents that answer',
        'short',
        '0: a gateway could not ask it.',
        { '{{node}}': 'min by (node) (presage_node_up{node=~"$node"})' },
        { badBelow: 1 },
      ),
      lines(
        'Memory promised',
        'percentunit',
        'Of what a node may promise to instances. Near 100 % warmth is cut, and starts wait.',
        {
          '{{node}}':
            'max by (node) (presage_node_memory_bytes{node=~"$node",kind="committed"}) / max by (node) (presage_node_memory_bytes{node=~"$node",kind="capacity"})',
        },
        { badFrom: 0.95 },
      ),
      lines('Memory', 'bytes', 'Promised, and what may be.', {
        '{{node}} {{kind}}': 'max by (node, kind) (presage_node_memory_bytes{node=~"$node"})',
      }),
      lines(
        'Instances by state',
        'short',
        'leased and idle are hot, frozen is warm.',
        { '{{state}}': 'sum by (state) (max by (node, state) (presage_pool_instances{node=~"$node"}))' },
        { stacked: true },
      ),
      lines('Starts under way', 'short', 'And requests that wait for one.', {
        '{{node}} {{state}}': 'max by (node, state) (presage_node_starts{node=~"$node"})',
      }),
    ],
    Placement: [
      lines(
        'Cost of the placement',
        'µUSD/h',
        'What the newest plan found functions to cost where they sit, by term; best: had all been placed anew.',
        { '{{placement}} {{term}}': 'max by (placement, term) (presage_placement_cost_micro_dollars_per_hour)' },
      ),
      lines('Plans and moves', 'short', 'Of the last hour.', {
        plans: 'max(increase(presage_placement_plans_total[1h]))',
        infeasible: 'max(increase(presage_placement_infeasible_plans_total[1h]))',
        moves: 'max(increase(presage_placement_moves_total[1h]))',
        'failed moves': 'max(increase(presage_placement_failed_moves_total[1h]))',
      }),
      lines('Time of a plan', 's', 'On average.', {
        'a plan':
          'max(rate(presage_placement_plan_seconds_total[1h])) / (max(rate(presage_placement_plans_total[1h])) > 0)',
      }),
    ],
    Migrations: [
      lines(
        'Ends',
        'short',
        'Of the last hour, by how.',
        { '{{outcome}}': 'max by (outcome) (increase(presage_migrations_total[1h]))' },
        { stacked: true },
      ),
      lines('Duration', 's', 'Half and 95 of 100 of the last day took at most so long.', {
        p50: 'histogram_quantile(0.5, max by (le) (increase(presage_migration_duration_seconds_bucket{outcome="completed"}[1d])))',
        p95: 'histogram_quantile(0.95, max by (le) (increase(presage_migration_duration_seconds_bucket{outcome="completed"}[1d])))',
      }),
    ],
  },
};
