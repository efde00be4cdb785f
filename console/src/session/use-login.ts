import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { WhoAmI } from '../../../gateway/api/routes/whoami-routes';
import { navigate } from '../app/router';
import { ApiError, get } from '../lib/api';
import { keepCredential, keptCredential, renewWith, watchRefusals, type Credential } from './credential';
import { arrive, comesFromIssuer, renew } from './oidc';
import { sessionOf, type Session } from './session';

export type LoginState =
  | { readonly state: 'in'; readonly session: Session }
  /** `busy`: what is kept, or was put in, is being tried. */
  | { readonly state: 'out'; readonly busy: boolean; readonly error?: ApiError };

export type LoggedOut = Extract<LoginState, { state: 'out' }> & {
  /** Tries a credential; a good one is kept until the tab is closed. */
  logIn(credential: Credential): Promise<void>;
};

/** Until a credential that nobody could judge is tried again. */
const RETRY_MS = 3_000;

renewWith(renew);

/** Who is logged in here. A credential that was kept is tried at once, and so is what an issuer sends back. */
export function useLogin(): Extract<LoginState, { state: 'in' }> | LoggedOut {
  const [state, setState] = useState<LoginState>({
    state: 'out',
    busy: keptCredential() !== null || comesFromIssuer(),
  });
  const again = useRef(async () => {});
  const logOut = useCallback(() => {
    keepCredential(null);
    setState({ state: 'out', busy: false });
  }, []);
  const attempt = useCallback(
    async (credentialOf: () => Promise<Credential | null>) => {
      setState({ state: 'out', busy: true });
      try {
        const credential = await credentialOf();
        if (credential === null) return setState({ state: 'out', busy: false });
        keepCredential(credential);
        const who = await get<WhoAmI>('/v1/whoami');
        setState({ state: 'in', session: sessionOf(who, logOut) });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        // A gateway that is away, or that cannot ask its database, says nothing against the key.
        const away = error.status === 0 || error.status >= 500;
        if (away) setTimeout(() => void again.current(), RETRY_MS);
        else keepCredential(null);
        setState({ state: 'out', busy: false, error });
      }
    },
    [logOut],
  );
  // Whoever has logged in, or has begun to, in the meantime is left alone.
  again.current = async () => {
    if (state.state === 'out' && !state.busy && state.error) await attempt(async () => keptCredential());
  };
  useEffect(() => {
    void attempt(async () => {
      if (!comesFromIssuer()) return keptCredential();
      // Whatever comes of it, the code in the address has had its use.
      const arrival = await arrive().finally(() => history.replaceState(null, '', '/console/'));
      navigate(arrival.to, { replace: true });
      return arrival.credential;
    });
    return watchRefusals((error) => setState({ state: 'out', busy: false, ...(error ? { error } : {}) }));
  }, [attempt]);
  return state.state === 'in' ? state : { ...state, logIn: (credential) => attempt(async () => credential) };
}
