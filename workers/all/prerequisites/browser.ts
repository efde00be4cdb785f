import { PlatformError } from '../../../core/error/platform-error';
import { ensurePackages } from '../../../drivers/sandbox/runc/setup/ensure-packages';
import { findExecutable } from './find-executable';
import { found, missing, type Prerequisite } from './prerequisite';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const MEND =
  'Run as root: apt-get install -y --no-install-recommends chromium; or set PRESAGE_CHROMIUM to the path of one';

/** The Chromium of this machine, or the one that `PRESAGE_CHROMIUM` names; null when there is none. */
function findBrowser(): string | null {
  const given = process.env['PRESAGE_CHROMIUM'];
  if (given) return given;
  for (const name of NAMES) {
    const file = findExecutable(name);
    if (file !== null) return file;
  }
  return null;
}

/** @throws PlatformError unavailable that says how to get one */
export function needBrowser(): string {
  const browser = findBrowser();
  if (browser !== null) return browser;
  throw new PlatformError('unavailable', `There is no Chromium on this machine. ${MEND}`);
}

/** What the tests of the console drive; the platform itself needs none. */
export function browserPrerequisite(): Prerequisite {
  return {
    title: 'Chromium, for the tests of the console',
    need: 'extra',
    check: () => {
      const browser = findBrowser();
      return Promise.resolve(browser === null ? missing('no Chromium is installed', MEND) : found(browser));
    },
    ensure: async (progress) => {
      if (findBrowser() === null) await ensurePackages(['chromium'], progress);
    },
  };
}
