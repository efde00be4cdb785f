import type { Page, PageQuery } from './store';

export const AUDIT_OUTCOMES = ['allowed', 'refused', 'failed'] as const;
/** `failed`: it broke off on our side, and may have changed something. */
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** One change, or one attempt at it. Nothing in it is a secret or says how to make one. */
export interface AuditRecord {
  readonly id: string;
  readonly at: Date;
  /** Whose resources it was about; null when nobody knows who asked. */
  readonly tenant: string | null;
  /** Id of an API key, or `issuer#subject` of a token; null when the caller was not known. */
  readonly principal: string | null;
  /** The operation's name in the OpenAPI document, e.g. `putSecret`. */
  readonly action: string;
  /** The path that was asked for, without its query, e.g. `/v1/secrets/token`. */
  readonly resource: string;
  /** SHA-256 of the resource before and after, where there was one; equal digests mean that nothing changed. */
  readonly before: string | null;
  readonly after: string | null;
  readonly requestId: string;
  readonly address: string;
  readonly outcome: AuditOutcome;
  readonly status: number;
}

export interface AuditQuery extends PageQuery {
  /** null: of all tenants, and those of nobody. */
  readonly tenant: string | null;
  readonly principal?: string;
  readonly action?: string;
  /** Beginning of the resource. */
  readonly resource?: string;
  readonly outcome?: AuditOutcome;
  /** Inclusive. */
  readonly since?: Date;
  /** Exclusive. */
  readonly until?: Date;
}

/** Append-only: there is no way to change or remove an entry but its retention. */
export interface AuditStore {
  writeAudit(batch: readonly Omit<AuditRecord, 'id'>[]): Promise<void>;
  /** Newest first. */
  audit(query: AuditQuery): Promise<Page<AuditRecord>>;
}
