import { TestWorkflowEnvironment } from '@temporalio/testing';

/** Run as a process of its own, so that a download that hangs can be killed: `download-temporal.js VERSION FOLDER`. */
async function main(version: string, downloadDir: string): Promise<void> {
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', version: `v${version}`, downloadDir } },
  });
  await environment.teardown();
}

const [version, folder] = process.argv.slice(2);
if (!version || !folder) throw new Error('usage: download-temporal.js VERSION FOLDER');
main(version, folder).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
