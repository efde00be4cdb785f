import { z } from 'zod';
import { durationIn } from '../core/function/quantity-schema';

const port = z.coerce.number().int().min(1).max(65535);
const flag = z.stringbool().or(z.boolean());

/** Names that Temporal takes for a deployment and a build: what it joins them with must not be in them. */
const versionName = z
  .string()
  .regex(/^[\w-][\w.-]{0,127}$/, 'must be 1 to 128 letters, digits, - _ or, not at first, a dot');

/** The section `temporal`. */
export const temporalSettingsSchema = z
  .strictObject({
    /** A server of your own, `host:port`; without it `npm start` runs the development server. */
    address: z
      .string()
      .regex(/^[^\s/:]+:\d+$|^\[[\da-f:]+\]:\d+$/i, 'must be host:port, without https://')
      .optional(),
    namespace: z.string().default('default'),
    taskQueue: z.string().default('presage-control'),
    port: port.default(7233),
    uiPort: port.default(8233),
    /** Where people find the web UI of a server of your own, such as `https://temporal.example.com`; default: none is linked to. */
    uiUrl: z.url({ protocol: /^https?$/, error: 'must be a URL such as https://temporal.example.com' }).optional(),
    /** TLS, by files in PEM; `{}` trusts the system's authorities. With `cert` and `key` the server knows who calls (mTLS). */
    tls: z
      .strictObject({
        ca: z.string().optional(),
        cert: z.string().optional(),
        key: z.string().optional(),
        /** The name in the server's certificate, where it is not that of `address`. */
        serverName: z.string().optional(),
      })
      .optional(),
    /** An API key, as Temporal Cloud has them; TLS goes with it. */
    apiKey: z.string().min(1).optional(),
    apiKeyFile: z.string().optional(),
    versioning: z
      .strictObject({
        /** Control workers say of which build they are, and workflows that must not change builds stay with theirs. */
        enabled: flag.default(false),
        deployment: versionName.default('presage'),
        /** Default: version and commit of the code. */
        buildId: versionName.optional(),
        /** `auto`: the newest worker makes its build the current one as soon as it runs. `manual`: a person does. */
        promote: z.enum(['auto', 'manual']).default('auto'),
        /** How long a worker that is told to stop waits for workflows that only its build may finish. */
        drain: durationIn.prefault('10m'),
      })
      .prefault({}),
  })
  .superRefine(({ address, tls, apiKey, apiKeyFile }, context) => {
    const issue = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
    if ((tls?.cert === undefined) !== (tls?.key === undefined))
      issue(['tls', tls?.cert === undefined ? 'cert' : 'key'], 'is missing: certificate and key go together');
    if (apiKey !== undefined && apiKeyFile !== undefined)
      issue(['apiKeyFile'], 'is given beside apiKey: take out one of both');
    const secured = tls ? 'tls' : apiKey !== undefined ? 'apiKey' : apiKeyFile !== undefined ? 'apiKeyFile' : undefined;
    if (secured && address === undefined)
      issue([secured], 'is for a server of your own: set temporal.address, or take it out');
  });

/** Where people find Temporal's web UI: where the configuration says, else beside the server that runs here; undefined: nobody knows. */
export function temporalUiUrl({
  address,
  uiUrl,
  uiPort,
}: Pick<z.output<typeof temporalSettingsSchema>, 'address' | 'uiUrl' | 'uiPort'>): string | undefined {
  return uiUrl ?? (address === undefined ? `http://127.0.0.1:${uiPort}` : undefined);
}
