import { seccompFilter } from '../../../../drivers/sandbox/runc/seccomp';

describe('seccompFilter', () => {
  const { syscalls, architectures } = seccompFilter('x64');
  const rulesOf = (name: string) => syscalls.filter(({ names }) => names.includes(name));

  test('refuses what could lead out of a sandbox', () => {
    for (const name of ['mount', 'unshare', 'setns', 'ptrace', 'bpf', 'keyctl', 'open_by_handle_at', 'kexec_load']) {
      expect(rulesOf(name)).toEqual([expect.objectContaining({ action: 'SCMP_ACT_ERRNO', errnoRet: 1 })]);
    }
  });

  test('says of newer calls that they are absent, so that programs fall back', () => {
    for (const name of ['clone3', 'io_uring_setup']) expect(rulesOf(name)[0]?.errnoRet).toBe(38);
  });

  test('refuses clone for each kind of namespace, and no other flag', () => {
    const bits = rulesOf('clone').map(({ args }) => args?.[0]?.value ?? 0);
    expect(bits.reduce((sum, bit) => sum + bit, 0)).toBe(0x7e020000);
    expect(bits).toHaveLength(7);
    expect(bits).not.toContain(0x100); // CLONE_VM: threads
  });

  test('knows the architecture', () => {
    expect(architectures).toEqual(['SCMP_ARCH_X86_64']);
    expect(seccompFilter('arm64').architectures).toEqual(['SCMP_ARCH_AARCH64']);
  });
});
