import { useEffect } from 'preact/hooks';
import { followLinks } from './app/router';
import { Frame } from './app/frame';
import { Login } from './session/login';
import { SessionContext } from './session/session';
import { useLogin } from './session/use-login';

/** The login, or the console of who is logged in. */
export function App() {
  const login = useLogin();
  useEffect(() => {
    document.addEventListener('click', followLinks);
    return () => document.removeEventListener('click', followLinks);
  }, []);
  if (login.state === 'in') {
    return (
      <SessionContext.Provider value={login.session}>
        <Frame />
      </SessionContext.Provider>
    );
  }
  return <Login login={login} />;
}
