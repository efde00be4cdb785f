import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { WhoAmI } from '../../../gateway/api/routes/whoami-routes';

type Scope = WhoAmI['scopes'][number];

/** Who is logged in, and what that may do. */
export interface Session {
  readonly tenant: string;
  readonly scopes: readonly Scope[];
  /** May it do what needs this scope? `admin` may all. */
  readonly can: (scope: Scope) => boolean;
  readonly logOut: () => void;
}

export const SessionContext = createContext<Session | null>(null);

export function sessionOf({ tenant, scopes }: WhoAmI, logOut: () => void): Session {
  return { tenant, scopes, can: (scope) => scopes.includes(scope) || scopes.includes('admin'), logOut };
}

/** The session that every page has. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession belongs below the login');
  return session;
}
