import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { quoted } from '../../../../drivers/sandbox/runc/parked-shell';

test('quoted: a shell gives every word back as it was', () => {
  const words = fc.array(
    fc.string({ unit: fc.constantFrom('a', "'", '"', ' ', '$', '`', '\\', '*', ';', '\t', 'ü') }),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(words, (list) => {
      const line = `printf '%s\\0' ${list.map(quoted).join(' ')}`;
      const back = execFileSync('/bin/sh', ['-c', line]).toString().split('\0').slice(0, -1);
      expect(back).toEqual(list.length === 0 ? [''] : list);
    }),
    { numRuns: 40 },
  );
});
