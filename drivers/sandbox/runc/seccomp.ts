/** System calls a function has no business with; they fail with EPERM. */
const FORBIDDEN = [
  'mount umount umount2 pivot_root chroot unshare setns mount_setattr move_mount open_tree fsopen fsmount fsconfig fspick',
  'ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd',
  'keyctl add_key request_key bpf perf_event_open userfaultfd lookup_dcookie',
  'kexec_load kexec_file_load init_module finit_module delete_module create_module',
  'open_by_handle_at name_to_handle_at quotactl acct nfsservctl vhangup',
  'reboot swapon swapoff iopl ioperm syslog settimeofday stime clock_settime clock_adjtime adjtimex',
  'sethostname setdomainname mknod mknodat personality',
].flatMap((line) => line.split(' '));

/** These fail with ENOSYS, so that programs take the older way. */
const ABSENT = ['io_uring_setup', 'io_uring_enter', 'io_uring_register', 'clone3'];

const EPERM = 1;
const ENOSYS = 38;
/** All CLONE_NEW* flags that clone knows. */
const NEW_NAMESPACES = 0x7e020000;

interface SeccompRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet: number;
  readonly args?: readonly { index: number; value: number; valueTwo?: number; op: string }[];
}

export interface Seccomp {
  readonly defaultAction: string;
  readonly architectures: readonly string[];
  readonly syscalls: readonly SeccompRule[];
}

/**
 * The filter of every instance. clone3 is absent because its flags lie in memory where a filter cannot see them;
 * clone with a new namespace is refused bit by bit, as a rule can only compare under a mask.
 */
export function seccompFilter(architecture: string): Seccomp {
  const architectures = architecture === 'arm64' ? ['SCMP_ARCH_AARCH64'] : ['SCMP_ARCH_X86_64'];
  const bits = Array.from({ length: 32 }, (_, bit) => 2 ** bit).filter((bit) => (NEW_NAMESPACES & bit) !== 0);
  return {
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures,
    syscalls: [
      { names: ABSENT, action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
      { names: FORBIDDEN, action: 'SCMP_ACT_ERRNO', errnoRet: EPERM },
      ...bits.map((bit) => ({
        names: ['clone'],
        action: 'SCMP_ACT_ERRNO',
        errnoRet: EPERM,
        args: [{ index: 0, value: bit, valueTwo: bit, op: 'SCMP_CMP_MASKED_EQ' }],
      })),
    ],
  };
}
