import { useState } from 'preact/hooks';
import type { TenantLimits } from '../../../../core/admission/limits';
import { send } from '../../lib/api';
import { fieldError } from '../../lib/field-errors';
import { time } from '../../lib/format';
import { useQuery } from '../../lib/use-query';
import { useSending } from '../../lib/use-sending';
import { useSession } from '../../session/session';
import { useOperator } from '../../session/use-operator';
import { Button } from '../../ui/button';
import { Card } from '../../ui/card';
import { ConfirmDialog } from '../../ui/dialog';
import { NeedsScope } from '../../ui/needs-scope';
import { Problem } from '../../ui/problem';
import { QueryView } from '../../ui/query-view';
import { TextField } from '../../ui/text-field';
import { LIMIT_FIELDS, readLimits, typedLimits, type LimitField, type TypedLimits } from './limits-form';
import { Form } from '../../ui/form';

type SetLimits = TenantLimits & { readonly updatedAt: string | null };

const LABELS: Readonly<Record<LimitField, readonly [label: string, hint: string]>> = {
  rate: ['Requests of all functions together', 'REQUESTS/WINDOW, e.g. 1000/1s'],
  keyRate: ['Requests of each key', 'of those that have no limit of their own; e.g. 100/1s'],
  maxInFlight: ['Requests in flight at once', 'e.g. 200'],
  reserved: ['Places that other tenants leave free', 'in each gateway; e.g. 10'],
  weight: ['Share while requests wait', '0.01 to 100; default 1'],
};

/** What the tenant may do at the gateways. Operators set it. */
export function LimitsTab() {
  return (
    <NeedsScope scope="read" to="see limits">
      <Limits />
    </NeedsScope>
  );
}

function Limits() {
  const { tenant } = useSession();
  const operator = useOperator();
  const path = `/v1/tenants/${encodeURIComponent(tenant)}/limits`;
  const query = useQuery<SetLimits>(path);
  return (
    <Card title={`Limits of ${tenant}`}>
      <QueryView query={query}>
        {(limits) => (
          <>
            <p class="hint">
              {limits.updatedAt === null
                ? 'None is set: what the gateways are configured with holds.'
                : `Set at ${time(limits.updatedAt)}; what is empty is as the gateways are configured.`}
            </p>
            <LimitsForm
              key={limits.updatedAt}
              path={path}
              tenant={tenant}
              limits={limits}
              operator={operator}
              reload={query.reload}
            />
          </>
        )}
      </QueryView>
    </Card>
  );
}

function LimitsForm(props: { path: string; tenant: string; limits: SetLimits; operator: boolean; reload: () => void }) {
  const { path, tenant, operator, reload } = props;
  const [typed, setTyped] = useState<TypedLimits>(typedLimits(props.limits));
  const [said, setSaid] = useState('');
  const { busy, error, run } = useSending();
  const [clearing, setClearing] = useState(false);
  const { limits, problems } = readLimits(typed);
  const submit = async () => {
    if (Object.keys(problems).length > 0) return;
    await run(async () => {
      await send('PUT', path, limits);
      setSaid('They are set; gateways follow within a moment.');
      reload();
    });
  };
  return (
    <Form onSubmit={submit}>
      <div class="filters">
        {LIMIT_FIELDS.map((field) => (
          <TextField
            label={LABELS[field][0]}
            hint={LABELS[field][1]}
            error={problems[field] ?? fieldError(error, field)}
            disabled={!operator}
            value={typed[field]}
            onText={(text) => setTyped({ ...typed, [field]: text })}
          />
        ))}
      </div>
      {error && <Problem error={error} />}
      <p role="status" class="hint">
        {said}
      </p>
      {operator ? (
        <div class="actions">
          <Button kind="main" busy={busy}>
            Set the limits
          </Button>
          {props.limits.updatedAt !== null && (
            <Button kind="danger" onClick={() => setClearing(true)}>
              Take them away
            </Button>
          )}
        </div>
      ) : (
        <p class="hint">
          Limits of tenants are set by platform operators: <code>presage limits set {tenant} --rate 1000/1s</code> with
          an admin key of the tenant default. Limits of single keys are set under Keys.
        </p>
      )}
      {clearing && (
        <ConfirmDialog
          title={`Take the limits of ${tenant} away?`}
          confirm="Take them away"
          danger
          cli={`presage limits clear ${tenant}`}
          onConfirm={() => send('DELETE', path).then(reload)}
          onClose={() => setClearing(false)}
        >
          <p>What the gateways are configured with holds again.</p>
        </ConfirmDialog>
      )}
    </Form>
  );
}
