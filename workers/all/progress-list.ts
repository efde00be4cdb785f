import { Listr, PRESET_TIMER, type ListrTask } from 'listr2';

/** A list on the terminal whose lines tick off as they are done; plain lines where the output is no terminal. Rejects with the first failure. */
export async function runProgressList(tasks: ListrTask[], options: { concurrent: boolean }): Promise<void> {
  const list = new Listr(tasks, {
    concurrent: options.concurrent,
    exitOnError: true,
    collectErrors: false,
    // Signals end the platform in order; the list must not end the process before that.
    registerSignalListeners: false,
    renderer: 'default',
    fallbackRenderer: 'simple',
    rendererOptions: { timer: PRESET_TIMER, showErrorMessage: false, collapseErrors: false },
    fallbackRendererOptions: { timer: PRESET_TIMER },
  });
  await list.run();
}
