import { dollarsText } from './money';
import { COMPONENT_UNITS, type CostComponent } from './price-table';

/** What an exported line says. */
export interface CsvLine {
  readonly tenant: string;
  /** Begin and end of the step of time that it sums, in UTC. */
  readonly from: Date;
  readonly to: Date;
  readonly functionId: string;
  readonly function: string;
  readonly component: CostComponent;
  readonly quantity: number;
  /** Picodollars. */
  readonly amount: bigint;
}
type Column = readonly [name: string, cell: (line: CsvLine) => string];

const PLATFORM = 'Presage';
const DESCRIPTIONS: Readonly<Record<CostComponent, string>> = {
  request: 'Requests that reached an instance',
  compute: 'CPU time of calls',
  memory: 'Memory held by calls',
  network: 'Answers sent to callers',
  impact: 'Calls later than the promised latency',
  warmth: 'Memory held ready between calls',
  storage: 'Checkpoints kept',
};
const time = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;
const dollars = ({ amount }: CsvLine): string => dollarsText(amount);

const PLAIN: readonly Column[] = [
  ['time', ({ from }) => time(from)],
  ['tenant', ({ tenant }) => tenant],
  ['function', ({ function: name }) => name],
  ['functionId', ({ functionId }) => functionId],
  ['component', ({ component }) => component],
  ['quantity', ({ quantity }) => String(quantity)],
  ['unit', ({ component }) => COMPONENT_UNITS[component]],
  ['dollars', dollars],
];

/**
 * The columns of the FinOps Open Cost and Usage Specification, version 1.2: those that it demands, and of the others those
 * that something can be said in. Nothing is discounted: all costs of a line are the same.
 */
const FOCUS: readonly Column[] = [
  ['BilledCost', dollars],
  ['BillingAccountId', ({ tenant }) => tenant],
  ['BillingAccountName', ({ tenant }) => tenant],
  ['BillingAccountType', () => 'Tenant'],
  ['BillingCurrency', () => 'USD'],
  ['BillingPeriodEnd', ({ from }) => time(monthOf(from, 1))],
  ['BillingPeriodStart', ({ from }) => time(monthOf(from, 0))],
  ['ChargeCategory', ({ component }) => (component === 'impact' ? 'Adjustment' : 'Usage')],
  ['ChargeClass', () => ''],
  ['ChargeDescription', ({ component }) => DESCRIPTIONS[component]],
  ['ChargeFrequency', () => 'Usage-Based'],
  ['ChargePeriodEnd', ({ to }) => time(to)],
  ['ChargePeriodStart', ({ from }) => time(from)],
  ['ConsumedQuantity', ({ quantity }) => String(quantity)],
  ['ConsumedUnit', ({ component }) => COMPONENT_UNITS[component]],
  ['ContractedCost', dollars],
  ['EffectiveCost', dollars],
  ['InvoiceIssuerName', () => PLATFORM],
  ['ListCost', dollars],
  ['PricingCategory', () => 'Standard'],
  ['PricingQuantity', ({ quantity }) => String(quantity)],
  ['PricingUnit', ({ component }) => COMPONENT_UNITS[component]],
  ['ProviderName', () => PLATFORM],
  ['PublisherName', () => PLATFORM],
  ['ResourceId', ({ functionId }) => functionId],
  ['ResourceName', ({ function: name }) => name],
  ['ResourceType', () => 'Function'],
  ['ServiceCategory', ({ component }) => SERVICES[component] ?? 'Compute'],
  ['ServiceName', () => 'Functions'],
  ['SkuId', ({ component }) => component],
];
const SERVICES: Partial<Record<CostComponent, string>> = { network: 'Networking', storage: 'Storage' };

export const CSV_FORMS = { csv: PLAIN, focus: FOCUS } as const;
export type CsvForm = keyof typeof CSV_FORMS;

/** The first line of a file. Lines end as RFC 4180 has it. */
export function csvHead(form: CsvForm): string {
  return `${CSV_FORMS[form].map(([name]) => name).join()}\r\n`;
}

export function csvLine(form: CsvForm, line: CsvLine): string {
  return `${CSV_FORMS[form].map(([, cell]) => quoted(cell(line))).join()}\r\n`;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function monthOf(date: Date, months: number): Date {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months));
}
