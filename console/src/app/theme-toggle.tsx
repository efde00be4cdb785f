import { useEffect, useState } from 'preact/hooks';
import { Button } from '../ui/button';

const PLACE = 'presage.theme';

/** Takes the other of light and dark, from now on, and tells what is drawn by script. */
export function toggleTheme(): void {
  const next = isDark() ? 'light' : 'dark';
  localStorage.setItem(PLACE, next);
  document.documentElement.dataset['theme'] = next;
  dispatchEvent(new Event('presage:theme'));
}

/** Light or dark: the system's choice until the reader has made one. */
export function ThemeToggle() {
  const [dark, setDark] = useState(isDark);
  useEffect(() => {
    const look = () => setDark(isDark());
    addEventListener('presage:theme', look);
    return () => removeEventListener('presage:theme', look);
  }, []);
  return (
    <Button onClick={toggleTheme} pressed={dark} title="Light or dark">
      Dark
    </Button>
  );
}

function isDark(): boolean {
  const chosen = document.documentElement.dataset['theme'];
  return chosen === undefined ? matchMedia('(prefers-color-scheme: dark)').matches : chosen === 'dark';
}
