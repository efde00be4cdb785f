import { nameOf, verbsOf, type Verb } from '../verb';
import { ENVIRONMENT, EXIT_STATUS, helpText, type Section } from './help-text';

/** `docs/reference/cli.md`: every verb as `--help` shows it. */
export function cliPage(program: Verb): string {
  const verbs = verbsOf(program);
  return [
    '# The command line',
    `${program.description()} In a clone of the repository it is \`node bin/presage.js\`. The same as a manual page: \`man docs/reference/presage.1\`; for one verb: \`presage help budget set\`.`,
    [
      'Results go to stdout, all else to stderr. `--output json|yaml` gives every result as the API gave it.',
      'What cannot be undone asks first, or wants `--yes`; `--dry-run` tells what would change.',
      'All mistakes of a command line are told at once.',
    ].join(' '),
    '## Options of every verb',
    block(program.options.map((option) => `${option.flags}  ${program.createHelp().optionDescription(option)}`).join('\n')), // prettier-ignore
    ...[EXIT_STATUS, ENVIRONMENT].flatMap(listed),
    '## Verbs',
    verbs.map((verb) => `- [\`${nameOf(verb)}\`](#presage-${nameOf(verb).replaceAll(' ', '-')}): ${verb.description()}`).join('\n'), // prettier-ignore
    ...verbs.flatMap((verb) => [`### presage ${nameOf(verb)}`, block(helpText(verb).trimEnd())]),
  ].join('\n\n');
}

function block(text: string): string {
  return `\`\`\`text\n${text}\n\`\`\``;
}

function listed({ heading, rows }: Section): string[] {
  return [`## ${heading}`, rows.map(([term, meaning]) => `- \`${term}\`: ${meaning}`).join('\n')];
}
