import { KINDS } from '../../../core/placement/case-terms';
import type { PartModel } from '../../../core/placement/solvers/part-model';

const TERMS_A_LINE = 10;
const DIGITS = 12;

/**
 * A placement as a mixed-integer program in the LP file format. `x_P_N` says that part P is on node N. A link between two parts
 * is linearised by a flow: `y_E_N_M` is 1 where its ends are on N and M, and the flow out of and into each node equals x there
 * (Adams and Johnson 1994), which bounds well. Costs are divided by `scale` to keep numbers near 1.
 */
export function placementLp(model: PartModel, scale: number): string {
  const { nodes, linear } = model;
  const parts = [...model.parts.keys()];
  const open = parts.map((part) => nodesOf(model, part));
  const goal: string[] = [];
  const rows: string[] = [];
  parts.forEach((part) => {
    open[part]!.forEach((node) => goal.push(term(linear[part * nodes + node]! / scale, `x_${part}_${node}`)));
    rows.push(`${sum(open[part]!.map((node) => `x_${part}_${node}`))} = 1`);
  });
  rows.push(...capacityRows(model, open), ...apartRows(model, open));
  let edge = 0;
  for (const part of parts) {
    for (const link of model.links[part]!) {
      if (link.other < part) continue;
      const [here, there] = [open[part]!, open[link.other]!];
      const name = `y_${edge++}`;
      for (const n of here)
        for (const m of there) goal.push(term(model.linkCost(link, n, m) / scale, `${name}_${n}_${m}`));
      for (const n of here) rows.push(`${sum(there.map((m) => `${name}_${n}_${m}`))} - x_${part}_${n} = 0`);
      for (const m of there) rows.push(`${sum(here.map((n) => `${name}_${n}_${m}`))} - x_${link.other}_${m} = 0`);
    }
  }
  const binary = parts.map((part) => open[part]!.map((node) => `x_${part}_${node}`).join(' '));
  const constraints = rows.map((row, index) => ` c${index}: ${row}`);
  return ['Minimize', ` cost: ${sum(goal)}`, 'Subject To', ...constraints, 'Binary', ...binary, 'End', ''].join('\n');
}

/** Nodes that a part may be on. */
export function nodesOf({ allowed, nodes }: PartModel, part: number): number[] {
  return Array.from({ length: nodes }, (_, node) => node).filter((node) => allowed[part * nodes + node] === 1);
}

function capacityRows(model: PartModel, open: readonly (readonly number[])[]): string[] {
  const rows: string[] = [];
  for (let node = 0; node < model.nodes; node++) {
    for (let kind = 0; kind < KINDS; kind++) {
      const capacity = model.capacity[node * KINDS + kind]!;
      const users = open.flatMap((nodes, part) => (nodes.includes(node) ? [part] : []));
      const needs = users.map((part) => model.demand[part * KINDS + kind]!);
      // Never full, whoever comes.
      if (needs.reduce((all, need) => all + need, 0) <= capacity) continue;
      // Shares of the node: bytes beside thousandths of cores would be hard on the solver.
      const terms = users.map((part, index) => term(needs[index]! / Math.max(capacity, 1e-9), `x_${part}_${node}`));
      rows.push(`${sum(terms)} <= ${capacity > 0 ? 1 : 0}`);
    }
  }
  return rows;
}

/** Parts of one function are in different regions. */
function apartRows(model: PartModel, open: readonly (readonly number[])[]): string[] {
  const { nodes: all } = model.terms.problem;
  return model.siblings.flatMap((siblings, part) => {
    if (siblings.length === 0 || siblings.some((other) => other < part)) return [];
    const regions = new Set(all.map(({ region }) => region));
    return [...regions].flatMap((region) => {
      const names = [part, ...siblings].flatMap((own) =>
        open[own]!.filter((node) => all[node]!.region === region).map((node) => `x_${own}_${node}`),
      );
      return names.length > 1 ? [`${sum(names)} <= 1`] : [];
    });
  });
}

function term(factor: number, name: string): string {
  return `${Number(factor.toPrecision(DIGITS))} ${name}`;
}

/** A sum in lines of bearable length. */
function sum(terms: readonly string[]): string {
  const lines: string[] = [];
  for (let at = 0; at < terms.length; at += TERMS_A_LINE) lines.push(terms.slice(at, at + TERMS_A_LINE).join(' + '));
  return lines.join('\n + ');
}
