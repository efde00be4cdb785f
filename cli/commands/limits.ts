import { InvalidArgumentError, Option } from 'commander';
import type { KeyLimits, TenantLimits } from '../../core/admission/limits';
import type { ContextOf } from '../command-context';
import { countOption } from '../option-values';
import { removeVerb } from '../remove-verb';
import type { Verb } from '../verb';

type Rate = NonNullable<KeyLimits['rate']>;
type Resource<L> = L & { readonly updatedAt: string | null };

/** `100` or `100/10s`. */
function parseRate(text: string): Rate {
  const [, requests, window = '1s'] = /^(\d+)(?:\/(\w+))?$/.exec(text) ?? [];
  if (requests === undefined) throw new InvalidArgumentError('Write REQUESTS/WINDOW, e.g. 100/1s or 5000/1h.');
  return { requests: Number(requests), window };
}

function parseCount(text: string): number {
  const count = Number(text);
  if (text.trim() === '' || !Number.isFinite(count) || count < 0)
    throw new InvalidArgumentError('It must be a number from 0 on.');
  return count;
}

const showRate = (rate: Rate | undefined): string | undefined => rate && `${rate.requests} in ${rate.window}`;
const tenantPath = (tenant: string): string => `/v1/tenants/${encodeURIComponent(tenant)}/limits`;

export function addLimits(program: Verb, contextOf: ContextOf): void {
  const limits = program.command('limits').description('how much and how often tenants and keys may');

  limits
    .command('show')
    .description('what a tenant may do at each gateway, where it was set')
    .argument('<tenant>', 'the tenant')
    .calls('GET /v1/tenants/{tenant}/limits')
    .example('presage limits show acme')
    .action(async (tenant: string, _options: object, command: Verb) => {
      const { api, output } = contextOf(command);
      const found = await api.get<Resource<TenantLimits>>(tenantPath(tenant));
      await output.item(found, () =>
        output.fields([
          ['Rate', showRate(found.rate)],
          ['Rate of a key', showRate(found.keyRate)],
          ['In flight', found.maxInFlight],
          ['Reserved', found.reserved],
          ['Weight', found.weight],
        ]),
      );
    });

  limits
    .command('set')
    .description('set all limits of a tenant; what is left out is as the gateways are configured')
    .argument('<tenant>', 'the tenant')
    .addOption(new Option('--rate <rate>', 'requests in a window, e.g. 1000/1s').argParser(parseRate))
    .addOption(new Option('--key-rate <rate>', 'of each key that has none of its own').argParser(parseRate))
    .addOption(new Option('--max-in-flight <count>', 'requests in flight at once').argParser(countOption))
    .addOption(new Option('--reserved <count>', 'places that other tenants leave free for it').argParser(parseCount))
    .addOption(new Option('--weight <weight>', 'its share against others while requests wait').argParser(parseCount))
    .calls('PUT /v1/tenants/{tenant}/limits')
    .example('presage limits set acme --rate 1000/1s --key-rate 100/1s --max-in-flight 200 --weight 2')
    .action(async (tenant: string, { rate, keyRate, maxInFlight, reserved, weight }: TenantLimits, command: Verb) => {
      const { api, output } = contextOf(command);
      const json = { rate, keyRate, maxInFlight, reserved, weight };
      const set = await api.send('PUT', tenantPath(tenant), { json });
      await output.done(set, `The limits of ${tenant} are set; gateways follow within a moment`);
    });

  removeVerb(
    limits
      .command('clear')
      .description('let the configuration of the gateways hold for a tenant again')
      .argument('<tenant>', 'the tenant')
      .example('presage limits clear acme'),
    contextOf,
    'DELETE /v1/tenants/{tenant}/limits',
    { told: (tenant) => `The limits of ${tenant} are as the gateways are configured` },
  );

  limits
    .command('key')
    .description('what a key may do below its tenant; --rate limits it, --clear ends that')
    .argument('<id>', 'id of the key, from presage key list')
    .addOption(new Option('--rate <rate>', 'requests in a window, e.g. 10/1s').argParser(parseRate))
    .addOption(new Option('--clear', 'no limit of its own any more').conflicts('rate'))
    .calls('GET /v1/keys/{id}/limits', 'PUT /v1/keys/{id}/limits', 'DELETE /v1/keys/{id}/limits')
    .example('presage limits key 7c1e', 'presage limits key 7c1e --rate 10/1s', 'presage limits key 7c1e --clear')
    .action(async (id: string, { rate, clear }: KeyLimits & { clear?: boolean }, command: Verb) => {
      const { api, output } = contextOf(command);
      const path = `/v1/keys/${encodeURIComponent(id)}/limits`;
      if (clear) {
        await api.send('DELETE', path);
        return output.done({ deleted: id }, `Key ${id} has no limit of its own`);
      }
      if (rate) {
        const set = await api.send('PUT', path, { json: { rate } });
        return output.done(set, `Key ${id} may make ${showRate(rate)}`);
      }
      const found = await api.get<Resource<KeyLimits>>(path);
      await output.item(found, () => output.fields([['Rate', showRate(found.rate)]]));
    });
}
