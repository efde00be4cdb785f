import { useState } from 'preact/hooks';
import type { BudgetView } from '../../lib/answers';
import { send } from '../../lib/api';
import { fieldError } from '../../lib/field-errors';
import { useSending } from '../../lib/use-sending';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Problem } from '../../ui/problem';
import { ChoiceField, TextField } from '../../ui/text-field';
import {
  budgetCommand,
  NEW_BUDGET,
  specBody,
  STEP_WORDS,
  STEPS,
  wishOf,
  withStep,
  type BudgetWish,
} from './budget-form';
import '../functions/functions.css';
import { Form } from '../../ui/form';

/** Makes a budget, or changes one; what is wrong is told at its field. */
export function BudgetDialog(props: { budget?: BudgetView; onClose: () => void; done: (budget: BudgetView) => void }) {
  const { budget, onClose, done } = props;
  const [wish, setWish] = useState<BudgetWish>(() => (budget ? wishOf(budget.name, budget.spec) : NEW_BUDGET));
  const [tried, setTried] = useState(false);
  const sending = useSending();
  const change = (part: Partial<BudgetWish>) => setWish({ ...wish, ...part });
  const noName = wish.name.trim() === '' ? 'is missing: lower case letters, digits and -, such as month' : undefined;
  const wrong = (path: string) => fieldError(sending.error, path);
  const submit = async () => {
    setTried(true);
    if (noName !== undefined) return;
    const path = `/v1/budgets/${encodeURIComponent(wish.name.trim())}`;
    const made = await sending.run(() => send<BudgetView>('PUT', path, specBody(wish)));
    if (made) done(made);
  };
  return (
    <Dialog title={budget ? `Change ${budget.name}` : 'New budget'} onClose={onClose}>
      <Form onSubmit={submit}>
        {!budget && (
          <TextField
            label="Name"
            value={wish.name}
            error={(tried ? noName : undefined) ?? wrong('name')}
            onText={(name) => change({ name })}
          />
        )}
        <TextField
          label="Limit in dollars"
          hint="what may be spent in a period, such as 250 or 99.50"
          value={wish.limit}
          error={wrong('limit')}
          onText={(limit) => change({ limit })}
        />
        <ChoiceField
          label="Period"
          value={wish.period}
          options={[
            ['monthly', 'a month'],
            ['daily', 'a day'],
          ]}
          error={wrong('period')}
          onChoose={(period) => change({ period })}
        />
        <TextField
          label="Time zone"
          hint="in which days and months begin, such as Europe/Berlin"
          value={wish.timeZone}
          error={wrong('timeZone')}
          onText={(timeZone) => change({ timeZone })}
        />
        <TextField
          label="Functions"
          hint="by commas; empty: all of the tenant"
          value={wish.functions}
          error={wrong('functions')}
          onText={(functions) => change({ functions })}
        />
        <TextField
          label="Kept for critical functions, percent"
          value={wish.criticalShare}
          error={wrong('criticalShare')}
          onText={(criticalShare) => change({ criticalShare })}
        />
        <TextField
          label="Alerts at, percent"
          hint="by commas; empty: nobody is told"
          value={wish.alertAt}
          error={wrong('alertAt')}
          onText={(alertAt) => change({ alertAt })}
        />
        <TextField
          label="Webhook"
          hint="where alerts are sent to; empty: nowhere"
          value={wish.webhookUrl}
          error={wrong('webhook.url')}
          onText={(webhookUrl) => change({ webhookUrl })}
        />
        <TextField
          label="Secret of the webhook"
          hint="a secret of the tenant, by its name, that alerts are signed with"
          value={wish.webhookSecret}
          error={wrong('webhook.secret')}
          onText={(webhookSecret) => change({ webhookSecret })}
        />
        <fieldset class="choice">
          <legend>What is done as it runs out</legend>
          {STEPS.map((step) => (
            <label key={step}>
              <input
                type="checkbox"
                checked={wish.degrade.includes(step)}
                onChange={(event) =>
                  change({
                    degrade: event.currentTarget.checked
                      ? withStep(wish.degrade, step)
                      : wish.degrade.filter((each) => each !== step),
                  })
                }
              />{' '}
              {step}: {STEP_WORDS[step]}
            </label>
          ))}
          {wrong('degrade') !== undefined && (
            <p class="error" role="alert">
              {wrong('degrade')}
            </p>
          )}
        </fieldset>
        {sending.error && <Problem error={sending.error} />}
        <p class="hint">
          It counts from now on, with all that the period has spent already. The same by command:{' '}
          <code>{budgetCommand(wish)}</code>
        </p>
        <div class="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="main" busy={sending.busy}>
            {budget ? 'Change' : 'Make'}
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}
