import { FOUND, startStory } from '../../../../core/start/start-story';
import type { PageProps } from '../../routes';
import { href } from '../../app/router';
import type { InvocationCostView, InvocationView, LogView, PageOf, StartExplanationView } from '../../lib/answers';
import { bytes, ms, moneyOfPico, percent, time } from '../../lib/format';
import { useQuery } from '../../lib/use-query';
import { Card, Figure, Figures } from '../../ui/card';
import { NeedsScope } from '../../ui/needs-scope';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { PhaseBar, PhaseKey } from '../function/phase-bar';
import { StartBadge } from '../function/start-badge';
import { phaseRows, priceRows, restText } from './explain-view';
import '../functions/functions.css';
import '../function/function.css';

const PICO_PER_MICRO = 1e6;

/** One invocation: where its time went, why it was not hot, what would have kept an instance warm, and what it cost. */
export default function ExplanationPage({ params }: PageProps) {
  const id = params['id'] ?? '';
  return (
    <>
      <h1>
        Invocation <code>{id}</code>
      </h1>
      <NeedsScope scope="read" to="see an invocation">
        <Explanation key={id} id={id} />
      </NeedsScope>
    </>
  );
}

function Explanation({ id }: { id: string }) {
  const base = `/v1/invocations/${encodeURIComponent(id)}`;
  const invocation = useQuery<InvocationView>(base);
  const known = invocation.data !== undefined;
  const start = useQuery<StartExplanationView>(known ? `${base}/explanation` : null);
  const cost = useQuery<InvocationCostView>(known ? `${base}/cost` : null);
  const logs = useQuery<PageOf<LogView>>(known ? `${base}/logs?limit=200` : null);
  return (
    <QueryView query={invocation}>
      {(found) => (
        <div class="grid">
          <Card title="What it was" wide>
            <Facts found={found} />
          </Card>
          <Card title="Where the time went" wide>
            <Phases found={found} />
          </Card>
          <Card title="Why it found no better instance">
            <p>
              <StartBadge kind={found.kind} cause={found.cause} /> {startStory(found)}
            </p>
            <QueryView query={start}>{(explained) => <Start explained={explained} />}</QueryView>
          </Card>
          <Card title="What it cost">
            <QueryView query={cost}>{(charged) => <Cost charged={charged} />}</QueryView>
          </Card>
          <Card title="What it wrote" wide>
            <QueryView query={logs}>
              {({ items }) =>
                items.length === 0 ? (
                  <p class="empty">It wrote nothing.</p>
                ) : (
                  <div class="log" tabIndex={0} role="region" aria-label="Lines of the invocation">
                    {items.map((line) => (
                      <pre key={line.id}>
                        <span class="hint">{time(line.at)} </span>
                        <span class={line.stream}>{line.stream === 'stdout' ? '' : `[${line.stream}] `}</span>
                        {line.text}
                      </pre>
                    ))}
                  </div>
                )
              }
            </QueryView>
            <p class="hint">
              The same by command: <code>presage explain {id}</code>
            </p>
          </Card>
        </div>
      )}
    </QueryView>
  );
}

function Facts({ found }: { found: InvocationView }) {
  const {
    status,
    errorCode,
    revision,
    node,
    cpuMicros,
    memoryByteMs,
    bytesIn,
    bytesOut,
    caller,
    userRegion,
    attempt,
    traceId,
  } = found;
  return (
    <>
      <p>
        <code>{`${found.method} ${found.path}`}</code> of{' '}
        <a href={href('functions', found.function)}>{found.function}</a> at {time(found.at)}
        {caller !== null && <>, called by {caller}</>}
        {userRegion !== null && <>, by a user in {userRegion}</>}
        {attempt !== null && <>, try {attempt} of an asynchronous invocation</>}
      </p>
      <Figures>
        <Figure id="status" label="Answer" value={status} note={errorCode ?? undefined} />
        <Figure label="Revision" value={revision ?? '–'} note={node === null ? 'it reached no node' : `on ${node}`} />
        <Figure label="CPU" value={cpuMicros === null ? 'not measured' : ms(cpuMicros / 1000)} />
        <Figure label="Memory" value={`${(memoryByteMs / 2 ** 30 / 1000).toPrecision(3)} GiB·s`} />
        <Figure label="Bytes" value={`${bytes(bytesIn)} in`} note={`${bytes(bytesOut)} out`} />
        {traceId !== null && <Figure label="Trace" value={<code>{traceId.slice(0, 12)}</code>} />}
      </Figures>
    </>
  );
}

function Phases({ found }: { found: InvocationView }) {
  const { rows, sumMs } = phaseRows(found);
  return (
    <>
      <PhaseBar slices={rows} totalMs={found.totalMs} />
      <PhaseKey />
      <Table
        caption="Phases in order; they sum to the total"
        columns={[
          { label: 'Phase', value: ({ what }) => what },
          { label: 'Time', numeric: true, value: (row) => ms(row.ms) },
          { label: 'Share', numeric: true, value: ({ share }) => percent(share) },
        ]}
        rows={[...rows, { what: 'In all', ms: sumMs, share: 1 }]}
        keyOf={({ what }) => what}
        empty={<p>No time was measured.</p>}
      />
    </>
  );
}

function Start({ explained }: { explained: StartExplanationView }) {
  const { rungs, policies } = explained;
  const micro = (price: number): string => moneyOfPico(String(Math.round(price * PICO_PER_MICRO)));
  if (rungs.length === 0) return null;
  return (
    <>
      <p>{restText(explained)}</p>
      <Table
        caption="What would have kept it warm, and for how much"
        columns={[
          { label: 'It would have found', value: ({ rung }) => FOUND[rung] },
          { label: 'Wait', numeric: true, value: ({ delayMs }) => ms(delayMs) },
          { label: 'Price of holding it', numeric: true, value: ({ price }) => micro(price) },
        ]}
        rows={rungs}
        keyOf={({ rung }) => rung}
        empty={<p>Nothing would have.</p>}
      />
      <Table
        caption="What policies would have done"
        columns={[
          { label: 'Policy', value: ({ policy }) => policy },
          { label: 'It would have found', value: ({ rung }) => FOUND[rung] },
          { label: 'Price', numeric: true, value: ({ price }) => micro(price) },
        ]}
        rows={policies}
        keyOf={({ policy }) => policy}
        empty={<p>No policy is compared.</p>}
      />
    </>
  );
}

function Cost({ charged }: { charged: InvocationCostView }) {
  const { rows, exact } = priceRows(charged);
  return (
    <>
      <Figures>
        <Figure
          id="price"
          label="In all"
          value={moneyOfPico(String(charged.picoDollars))}
          note={
            charged.charged
              ? `by ${charged.table}, tier ${charged.tier}`
              : 'at the prices of now: it was recorded before calls carried theirs'
          }
        />
      </Figures>
      <Table
        caption="Parts of the price, the dearest first"
        columns={[
          { label: 'Part', value: ({ component }) => component },
          { label: 'Quantity', numeric: true, value: ({ quantity }) => quantity },
          { label: 'Price', numeric: true, value: ({ picoDollars }) => moneyOfPico(picoDollars) },
        ]}
        rows={rows}
        keyOf={({ component }) => component}
        empty={<p>It cost nothing.</p>}
      />
      <p class="hint">
        {exact
          ? 'The parts sum to the whole exactly.'
          : 'The parts do not sum to the whole: presage cost check looks for why.'}
      </p>
    </>
  );
}
