import type { TryEnd } from '../../core/async/next-step';

/** What is sent to an address that somebody has given us, by POST. */
export interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** How it ended, in the terms by which asynchronous invocations are tried again. */
export interface WebhookEnd extends TryEnd {
  /** For people; null: it was taken. */
  readonly error: string | null;
}

/** Sends what others have asked to be told. */
export interface WebhookSender {
  /** Never rejects: whatever the other side does, or fails to do in time, is an end. */
  send(request: WebhookRequest): Promise<WebhookEnd>;
}
