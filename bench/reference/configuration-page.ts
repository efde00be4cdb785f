import { z } from 'zod';
import { flagRows } from '../../workers/all/flags';
import { configSchema } from '../../workers/config';
import { markdownTable } from './markdown-table';
import { schemaRows, type JsonSchema, type SchemaRow } from './schema-rows';
import { settingComments } from './setting-comments';

/** Variables beside those of settings, and who reads them. A test holds the list against the code. */
export const VARIABLES: Readonly<Record<string, readonly [reader: string, meaning: string]>> = {
  DATABASE_URL: ['npm start', 'the same as `PRESAGE__POSTGRES__URL`'],
  GOPROXY: ['npm start', 'where Go modules come from, where the Temporal CLI has to be built'],
  NO_COLOR: ['presage', 'anything: no colours'],
  OTEL_EXPORTER_OTLP_ENDPOINT: ['all', 'the same as `tracing.endpoint`, which wins'],
  OTEL_EXPORTER_OTLP_HEADERS: ['all', '`a=b,c=d`, as `tracing.headers`'],
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ['all', 'the whole URL for traces'],
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: ['all', 'for traces alone'],
  OTEL_RESOURCE_ATTRIBUTES: ['all', '`a=b,c=d`, with every span'],
  OTEL_SDK_DISABLED: ['all', '`true`: no traces'],
  OTEL_TRACES_SAMPLER_ARG: ['all', 'the same as `tracing.ratio`, which wins'],
  PRESAGE_API_KEY: ['presage', 'the key to use'],
  PRESAGE_CACHE: ['npm start', 'what is built and downloaded; default `~/.cache/presage`'],
  PRESAGE_CHROMIUM: ['npm run test:console', 'a Chromium to use; default: that of the machine'],
  PRESAGE_COMMIT: ['all', 'the commit that `/version` and metrics tell'],
  PRESAGE_CONFIG: ['all', 'the configuration file; default `presage.yaml` in the working folder'],
  PRESAGE_CRIU_TARBALL: ['npm start', 'a file or an address with the sources of CRIU'],
  PRESAGE_FIRST_API_KEY: ['migrate', 'a key that the operator has made, for a platform that is not run by `npm start`'],
  PRESAGE_MASTER_KEY: ['gateway, control, agent', 'the master key itself, 64 hex digits'],
  PRESAGE_MASTER_KEY_FILE: ['gateway, control, agent', 'a file with it; wins over `secrets.keyFile`'],
  PRESAGE_MASTER_KEY_PREVIOUS: ['gateway, control, agent', 'master keys before it, comma-separated'],
  PRESAGE_NODE: ['agent', 'which of `nodes` it is'],
  PRESAGE_TENANT: ['presage', 'the tenant to act for'],
  PRESAGE_URL: ['presage', 'address of the platform'],
  TEMPORAL_ADDRESS: ['npm start', 'the same as `PRESAGE__TEMPORAL__ADDRESS`'],
  XDG_CONFIG_HOME: ['presage', 'where `presage login` keeps address and key'],
};

/** Defaults that depend on the machine. */
const BY_MACHINE: Readonly<Record<string, string>> = { 'agent.parallelRestores': 'its cores, 2 at least' };

/** docs/reference/configuration.md. */
export function configurationPage(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as JsonSchema;
  const comments = settingComments();
  const sections = Object.entries(schema.properties ?? {}).map(([name, section]) => {
    const rows = schemaRows({ properties: { [name]: section } });
    return `## ${name}\n\n${settingsTable(rows, comments)}`;
  });
  const variables = Object.entries(VARIABLES).map(([name, [reader, meaning]]) => [`\`${name}\``, reader, meaning]);
  return [
    '# Configuration',
    'Flags of `npm start` win over the environment, that over the file (`presage.yaml` in the working folder, `--config` or `PRESAGE_CONFIG`), that over defaults. Every process reads the same file and takes its own sections of it: gateway, control worker, agent, `migrate`. Unknown names and wrong values are refused at start, all at once.',
    'In the environment a setting is `PRESAGE__` and its path in capitals with `__` between: `gateway.port` is `PRESAGE__GATEWAY__PORT`. Lists and maps are JSON. Durations are written `30s`, `5m`, `1h30m`; sizes `256Mi`, `2Gi`.',
    '## Flags of npm start',
    markdownTable(
      ['flag', 'for', 'environment'],
      flagRows().map(({ typed, help, variable }) => [`\`${typed}\``, help, variable ? `\`${variable}\`` : '']),
    ),
    '## Other variables',
    markdownTable(['variable', 'read by', 'is'], variables),
    ...sections,
  ].join('\n\n');
}

function settingsTable(rows: readonly SchemaRow[], comments: ReadonlyMap<string, string>): string {
  return markdownTable(
    ['setting', 'type', 'default', ''],
    rows.map(({ path, type, required, fallback, description }) => [
      `\`${path}\``,
      type,
      BY_MACHINE[path] ?? (fallback === undefined ? (required ? 'needed' : '') : `\`${fallback}\``),
      [comments.get(path), description].filter(Boolean).join(' '),
    ]),
  );
}
