import { EXIT_WORDS } from '../exit-status';
import { nameOf, type Verb } from '../verb';

/** Terms and what they mean, under a heading. */
export interface Section {
  readonly heading: string;
  readonly rows: readonly (readonly [term: string, meaning: string])[];
}

const WIDTH = 100;
const INDENT = 2;
const WIDEST_TERM = 34;

export const ENVIRONMENT: Section = {
  heading: 'Environment',
  rows: [
    ['PRESAGE_URL, PRESAGE_API_KEY, PRESAGE_TENANT', 'as --url, --api-key and --tenant, which go before them'],
    ['XDG_CONFIG_HOME', 'where presage login keeps presage/client.json; default: ~/.config'],
    ['NO_COLOR', 'when it is set, nothing is coloured'],
  ],
};

export const EXIT_STATUS: Section = {
  heading: 'Exit status',
  rows: EXIT_WORDS.map(([status, meaning]) => [String(status), meaning]),
};

/** What is to be said of a verb, in order. `all`: with what holds for every verb, as a manual has it. */
export function sectionsOf(verb: Verb, all = false): readonly Section[] {
  const help = verb.createHelp();
  const options = (list: readonly Parameters<typeof help.optionTerm>[0][]): Section['rows'] =>
    list.filter(({ long }) => long !== '--help').map((option) => [help.optionTerm(option), help.optionDescription(option)]); // prettier-ignore
  const groups = new Map<string, (readonly [string, string])[]>();
  for (const child of help.visibleCommands(verb)) {
    const heading = (child.helpGroup() || 'Verbs:').replace(/:$/, '');
    const term = [child.name(), ...child.aliases()].join('|');
    groups.set(heading, [...(groups.get(heading) ?? []), [term, child.description()]]);
  }
  let root = verb;
  while (root.parent !== null) root = root.parent as Verb;
  const sections: Section[] = [
    { heading: 'Arguments', rows: help.visibleArguments(verb).map((each) => [help.argumentTerm(each), help.argumentDescription(each)]) }, // prettier-ignore
    ...[...groups].map(([heading, rows]) => ({ heading, rows })),
    { heading: 'Options', rows: options(help.visibleOptions(verb)) },
    ...(all && verb !== root ? [{ heading: 'Options of every verb', rows: options(help.visibleOptions(root)) }] : []),
    { heading: 'Examples', rows: verb.examples.map((line) => [line, '']) },
    { heading: 'Calls', rows: verb.operations.map((operation) => [operation, '']) },
    ...(all || verb === root ? [ENVIRONMENT, EXIT_STATUS] : []),
  ];
  return sections.filter(({ rows }) => rows.length > 0);
}

/** How a verb is written: `presage budget set [options] <budget>`. */
export function usageOf(verb: Verb): string {
  const words = ['presage', nameOf(verb), verb.usage()];
  return words.filter((word) => word !== '').join(' ');
}

/** Help as text for a terminal. */
export function helpText(verb: Verb, all = false): string {
  const title = `${['presage', nameOf(verb)].join(' ').trim()}: ${verb.description()}`;
  const usage = `Usage: ${usageOf(verb)}`;
  const sections = sectionsOf(verb, all).map(
    ({ heading, rows }) => `${heading}:\n${rows.map(lineOf(rows)).join('\n')}`,
  );
  const more =
    all || verb.parent === null ? [] : [`presage help ${nameOf(verb)} tells of the options of every verb, too.`];
  return `${[...wrapped(title, WIDTH), '', usage, ...sections.flatMap((text) => ['', text]), ...more.flatMap((text) => ['', text])].join('\n')}\n`; // prettier-ignore
}

function lineOf(rows: Section['rows']): (row: Section['rows'][number]) => string {
  const width = Math.min(WIDEST_TERM, Math.max(...rows.map(([term]) => term.length)));
  const pad = ' '.repeat(INDENT);
  return ([term, meaning]) => {
    if (meaning === '') return pad + term;
    const [first = '', ...rest] = wrapped(meaning, WIDTH - width - 2 * INDENT);
    const hanging = ' '.repeat(width + 2 * INDENT);
    const head = term.length > width ? `${pad}${term}\n${hanging}` : `${pad}${term.padEnd(width)}${pad}`;
    return [head + first, ...rest.map((line) => hanging + line)].join('\n');
  };
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
