import { toPlatformError } from '../core/error/platform-error';
import { ensureHelm } from './kubernetes/ensure-helm';
import { ensureKubernetes, PROGRAMS, type Program } from './kubernetes/ensure-kubernetes';
import { LocalKubernetes } from './kubernetes/local-kubernetes';

const FOR_TESTS: readonly Program[] = ['servers', 'kubelet'];
const USAGE = `usage: npm run kubernetes -- build [${PROGRAMS.join('|')}|tests]   builds what is not in the cache yet, and says where it is;
                                            tests: all that npm run test:kubernetes needs
       npm run kubernetes -- up [FOLDER]                       runs a Kubernetes with twelve played nodes until Ctrl-C
`;

/** `npm run kubernetes`: a real Kubernetes on loopback, for tests and for trying things. */
export async function main([command, argument]: readonly string[]): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  try {
    if (command === 'build' && argument === 'tests') {
      for (const program of FOR_TESTS) process.stdout.write(`${await ensureKubernetes(program, say)}\n`);
      process.stdout.write(`${await ensureHelm(say)}\n`);
      return 0;
    }
    if (command === 'build' && isProgram(argument ?? 'servers')) {
      process.stdout.write(`${await ensureKubernetes((argument ?? 'servers') as Program, say)}\n`);
      return 0;
    }
    if (command === 'up') {
      const told = new Promise((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve);
      });
      const local = await LocalKubernetes.start({
        progress: say,
        ...(argument === undefined ? {} : { folder: argument }),
      });
      process.stdout.write(`export KUBECONFIG=${local.kubeconfig()}\n`);
      await told;
      await local.stop();
      return 0;
    }
  } catch (error) {
    const { message, hint } = toPlatformError(error);
    say([message, hint].filter(Boolean).join('\n'));
    return 1;
  }
  process.stderr.write(USAGE);
  return 2;
}

function isProgram(name: string): name is Program {
  return (PROGRAMS as readonly string[]).includes(name);
}
