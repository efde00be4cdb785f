import { useState } from 'preact/hooks';
import { Button } from '../ui/button';

const PLACE = 'presage.theme';

/** Light or dark: the system's choice until the reader has made one. */
export function ThemeToggle() {
  const [dark, setDark] = useState(isDark);
  const toggle = () => {
    const next = dark ? 'light' : 'dark';
    localStorage.setItem(PLACE, next);
    document.documentElement.dataset['theme'] = next;
    setDark(!dark);
    dispatchEvent(new Event('presage:theme'));
  };
  return (
    <Button onClick={toggle} pressed={dark} title="Light or dark">
      Dark
    </Button>
  );
}

function isDark(): boolean {
  const chosen = document.documentElement.dataset['theme'];
  return chosen === undefined ? matchMedia('(prefers-color-scheme: dark)').matches : chosen === 'dark';
}
