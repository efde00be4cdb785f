import { pipeline } from 'node:stream/promises';
import type { ContextOf } from '../command-context';
import type { Operation, Verb } from '../verb';

/** Documents of the platform, for editors, generators and scrapers; always as the platform writes them. */
export function addDocuments(program: Verb, contextOf: ContextOf): void {
  const schema = program.command('schema').description('documents that say what the platform takes, for other tools');
  const documents: readonly [group: Verb, word: string, description: string, operation: Operation, line: string][] = [
    [schema, 'function', 'JSON Schema of function.yaml', 'GET /v1/schemas/function.json', 'presage schema function > function.schema.json'],
    [schema, 'api', 'OpenAPI document of the control API', 'GET /openapi.json', 'presage schema api > openapi.json'],
    [program, 'metrics', 'metrics of the platform in the text format of Prometheus', 'GET /metrics', 'presage metrics'],
  ]; // prettier-ignore
  for (const [group, word, description, operation, line] of documents) {
    group
      .command(word)
      .description(description)
      .calls(operation)
      .example(line)
      .action(async (_options: object, command: Verb) => {
        const { api, terminal } = contextOf(command);
        const answer = await api.open('GET', operation.slice('GET '.length));
        await pipeline(answer, terminal.stdout, { end: false });
      });
  }
}
