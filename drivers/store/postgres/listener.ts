import { Client } from 'pg';
import { connectionSettings, type StoreLog } from './connection-pool';
import { channelOf, TOPICS, type Topic } from './notify';

/** Milliseconds: the pause before the second try of a connection, doubled up to the longest. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 3_000;
/** A silent connection is asked for a sign of life this often: a server that vanished closes nothing. */
const PING_MS = 15_000;

type Listener = (payload: string) => void;

/**
 * One connection of its own that LISTENs to all topics, opened by the first subscriber. It comes back by itself, and
 * then calls every subscriber once with an empty payload, because what was told meanwhile is lost.
 */
export class NoticeListener {
  private readonly subscribers = new Map<Topic, Set<Listener>>(TOPICS.map((topic) => [topic, new Set()]));
  private client: Client | undefined;
  private firstTry: Promise<void> | undefined;
  private retry: NodeJS.Timeout | undefined;
  private ping: NodeJS.Timeout | undefined;
  private pauseMs = FIRST_PAUSE_MS;
  private missedSome = false;
  private closed = false;

  constructor(
    private readonly url: string,
    private readonly log: StoreLog | undefined,
  ) {}

  /** Waits for the first try of a connection, whatever comes of it. */
  async subscribe(topic: Topic, listener: Listener): Promise<() => Promise<void>> {
    // A wrapper of its own, so that one function may subscribe twice.
    const own: Listener = (payload) => listener(payload);
    this.subscribers.get(topic)?.add(own);
    this.firstTry ??= this.connect();
    await this.firstTry;
    return async () => {
      this.subscribers.get(topic)?.delete(own);
    };
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    clearInterval(this.ping);
    const client = this.client;
    this.client = undefined;
    await this.firstTry;
    await client?.end().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    if (this.closed) return;
    const client = new Client({ ...connectionSettings(this.url), query_timeout: 5_000 });
    client.on('error', () => undefined);
    client.on('end', () => this.lost(client));
    client.on('notification', ({ channel, payload }) => this.tell(channel, payload ?? ''));
    this.client = client;
    try {
      await client.connect();
      for (const topic of TOPICS) await client.query(`listen ${channelOf(topic)}`);
    } catch (error) {
      this.lost(client, error);
      return;
    }
    if (this.client !== client) return;
    this.pauseMs = FIRST_PAUSE_MS;
    this.ping = setInterval(
      () => client.query('select 1').catch((error: unknown) => this.lost(client, error)),
      PING_MS,
    );
    this.ping.unref();
    if (this.missedSome) {
      this.missedSome = false;
      this.log?.info('notices of the database are heard again');
      for (const topic of TOPICS) this.tell(channelOf(topic), '');
    }
  }

  /** Called by whatever notices first that a connection is gone; the second call for one connection does nothing. */
  private lost(client: Client, error?: unknown): void {
    if (this.client !== client || this.closed) return;
    this.client = undefined;
    clearInterval(this.ping);
    client.end().catch(() => undefined);
    if (!this.missedSome) this.log?.warn({ err: error }, 'notices of the database are not heard; trying again');
    this.missedSome = true;
    this.retry = setTimeout(() => void this.connect(), this.pauseMs);
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
  }

  private tell(channel: string, payload: string): void {
    const topic = TOPICS.find((candidate) => channelOf(candidate) === channel);
    for (const listener of topic ? (this.subscribers.get(topic) ?? []) : []) {
      try {
        listener(payload);
      } catch (error) {
        this.log?.error({ err: error, topic }, 'a subscriber failed');
      }
    }
  }
}
