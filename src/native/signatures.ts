// The C signatures of every system call that manifold makes, in koffi's type names, and the raw
// numbers of those that a C library may lack. Addresses are plain numbers (uintptr_t), because a
// pointer type makes koffi inspect the argument on every call (measured: +150 ns for a Buffer).
// off_t, size_t and ssize_t are 64 bits wide on every architecture that is let in here.

const int = "int";
const uint = "uint";
const address = "uintptr_t";
const long = "int64_t";

/** A C signature: the result's type, then the arguments'. */
export type Signature = readonly [result: string, ...parameters: string[]];

/** Signatures by function name (section 2 and 3 manual pages of the same names). */
export const signatures = {
  openat: [int, int, address, int, uint],
  close: [int, int],
  statx: [int, int, address, int, uint, address],
  getdents64: [long, int, address, long],
  readlinkat: [long, int, address, address, long],
  pread: [long, int, address, long, long],
  pwrite: [long, int, address, long, long],
  ftruncate: [int, int, long],
  fallocate: [int, int, int, long, long],
  lseek: [long, int, long, int],
  copy_file_range: [long, int, address, int, address, long, uint],
  ioctl: [int, int, long, long],
  fcntl: [int, int, int, long],
  pipe2: [int, address, int],
  mkdirat: [int, int, address, uint],
  symlinkat: [int, address, int, address],
  mknodat: [int, int, address, uint, long],
  linkat: [int, int, address, int, address, int],
  renameat: [int, int, address, int, address],
  renameat2: [int, int, address, int, address, uint],
  unlinkat: [int, int, address, int],
  fchmod: [int, int, uint],
  chmod: [int, address, uint],
  fchown: [int, int, uint, uint],
  fchownat: [int, int, address, uint, uint, int],
  utimensat: [int, int, address, address, int],
  futimens: [int, int, address],
  listxattr: [long, address, address, long],
  llistxattr: [long, address, address, long],
  getxattr: [long, address, address, address, long],
  lgetxattr: [long, address, address, address, long],
  setxattr: [int, address, address, address, long, int],
  lsetxattr: [int, address, address, address, long, int],
  removexattr: [int, address, address],
  lremovexattr: [int, address, address],
  fsync: [int, int],
  syncfs: [int, int],
  sync: ["void"],
  memcpy: [address, address, address, long],
  memcmp: [int, address, address, long],
  fstatvfs: [int, int, address],
  fstatfs: [int, int, address],
  clock_gettime: [int, int, address],
  getrusage: [int, int, address],
  setsockopt: [int, int, int, int, address, uint],
  getsockopt: [int, int, int, int, address, address],
  sendmmsg: [int, int, address, uint, int],
  recvmmsg: [int, int, address, uint, int, address],
  geteuid: [uint],
  getpwuid_r: [int, uint, address, address, long, address],
  getpwnam_r: [int, address, address, address, long, address],
  getgrgid_r: [int, uint, address, address, long, address],
  getgrnam_r: [int, address, address, address, long, address],
  openat2: [long, int, address, address, long],
  fchmodat2: [long, int, address, uint, int],
  setxattrat: [long, int, address, uint, address, address, long],
  getxattrat: [long, int, address, uint, address, address, long],
  listxattrat: [long, int, address, uint, address, long],
  removexattrat: [long, int, address, uint, address],
} as const satisfies Record<string, Signature>;

/** The name of a function in the table. */
export type CallName = keyof typeof signatures;

/** Calls that came after all architectures had been given one numbering (from 403 on). */
const common = {
  openat2: 437,
  fchmodat2: 452,
  setxattrat: 463,
  getxattrat: 464,
  listxattrat: 465,
  removexattrat: 466,
} as const;

/**
 * Numbers for syscall(2) by architecture, for calls that the C library may not wrap: glibc 2.36 has none of the
 * common ones, musl had none of the others for years. Source: the kernel's syscall tables
 * (arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h).
 */
export const rawNumbers: Readonly<Record<string, Partial<Record<CallName, number>>>> = {
  x64: {
    ...common,
    getdents64: 217,
    statx: 332,
    renameat2: 316,
    copy_file_range: 326,
    syncfs: 306,
  },
  arm64: {
    ...common,
    getdents64: 61,
    statx: 291,
    renameat2: 276,
    copy_file_range: 285,
    syncfs: 267,
  },
};

/** Six 64-bit arguments after the number, which is what the kernel takes at most. */
export const rawSignature: Signature = [long, long, long, long, long, long, long, long];
