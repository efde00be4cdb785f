import { z } from 'zod';
import { nameSchema } from '../../../core/function/manifest';
import { ROLES } from './token-principal';

/** Signatures by public key only: a shared secret, or none, is not for tokens that come from elsewhere. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;

/** What is fetched decides who is let in, so it comes by TLS or from this machine. */
const trustedUrl = z.url({ protocol: /^https?$/ }).refine(isTrusted, {
  message: 'must be https, or http on this machine (127.0.0.1, ::1, localhost)',
});

/** How people log in with an issuer at the console, which is a public client of it: authorization code with PKCE, no secret. */
const loginSchema = z.strictObject({
  clientId: z.string().min(1),
  /** What is asked for, beside what the issuer needs for a refresh token. */
  scopes: z.string().min(1).default('openid'),
  /** Which of the issuer's tokens is one that `audience` names. */
  token: z.enum(['access_token', 'id_token']).default('access_token'),
});

/** Who issues tokens that the gateway takes, and how they are read. One entry of `auth.issuers`. */
export const issuerSchema = z.strictObject({
  /** As in the tokens' `iss`, letter by letter. */
  issuer: trustedUrl,
  /** One of these must be in the tokens' `aud`. */
  audience: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  /** Where its public keys are; default: as {issuer}/.well-known/openid-configuration says. */
  jwksUri: trustedUrl.optional(),
  /** Claim with the tenant's name; a path with dots where there is no claim of the whole name. */
  tenantClaim: z.string().min(1).default('tenant'),
  /** Tenants that this issuer may speak for; default: any, so also the operator's. */
  tenants: z.array(nameSchema).min(1).optional(),
  /** Claim with the roles: a list, or words in one string. */
  rolesClaim: z.string().min(1).default('roles'),
  /** Role for each value of that claim; default: the roles' own names. */
  roleMap: z.record(z.string(), z.enum(ROLES)).default({}),
  algorithms: z.array(z.enum(ALGORITHMS)).min(1).default(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']),
  /** How far its clock may be from ours, in seconds. */
  clockSkewSeconds: z.coerce.number().int().min(0).max(300).default(30),
  /** Absent: nobody logs in with it at the console. */
  console: loginSchema.optional(),
});

export type IssuerSettings = z.infer<typeof issuerSchema>;

/** Whether an address may be asked for keys: https, or this machine itself. */
export function isTrusted(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && /^(127(\.\d+){3}|\[::1\]|localhost)$/.test(hostname));
}
