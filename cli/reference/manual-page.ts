import { nameOf, verbsOf, type Verb } from '../verb';
import { ENVIRONMENT, EXIT_STATUS, sectionsOf, usageOf, type Section } from './help-text';

/** `presage.1`: the whole command line as a page for man(1). */
export function manualPage(program: Verb): string {
  return `${[
    '.\\" Made by `npm run reference` from cli/: change that.',
    '.TH PRESAGE 1 "" Presage "Presage manual"',
    '.SH NAME',
    `presage \\- ${text(program.description())}`,
    '.SH SYNOPSIS',
    `.B presage`,
    '[options] verb [options] [arguments]',
    '.SH OPTIONS OF EVERY VERB',
    ...sectionsOf(program).filter(({ heading }) => heading === 'Options').flatMap(({ rows }) => rows.flatMap(item)), // prettier-ignore
    '.SH VERBS',
    ...verbsOf(program).flatMap(verbLines),
    ...[ENVIRONMENT, EXIT_STATUS].flatMap(({ heading, rows }) => [
      `.SH ${heading.toUpperCase()}`,
      ...rows.flatMap(item),
    ]),
  ].join('\n')}\n`;
}

function verbLines(verb: Verb): string[] {
  return [
    `.SS presage ${nameOf(verb)}`,
    text(`${verb.description()}.`),
    '.PP',
    `.B ${text(usageOf(verb))}`,
    ...sectionsOf(verb).flatMap(({ heading, rows }) => [
      '.PP',
      `.I ${text(heading)}`,
      ...(rows.every(([, meaning]) => meaning === '') ? lines(rows) : rows.flatMap(item)),
    ]),
  ];
}

function item([term, meaning]: Section['rows'][number]): string[] {
  return ['.TP', `.B ${text(term)}`, text(meaning)];
}

/** Lines as they are, such as commands. */
function lines(rows: Section['rows']): string[] {
  return ['.nf', '.RS 4', ...rows.map(([line]) => text(line)), '.RE', '.fi'];
}

/** Escaped for roff: a line that begins with a point or an apostrophe would be a request, and what is not ASCII is another sign elsewhere. */
function text(line: string): string {
  return line
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&')
    .replaceAll('"', '\\(dq')
    .replace(/[^ -~]/gu, (sign) => `\\[u${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`);
}
