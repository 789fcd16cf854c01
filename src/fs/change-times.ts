// Which file systems can be taken at their word about changes: whatever is done to a file there, the kernel of this
// machine gives it the present time as its ctime, by its own clock, and no other file gets its inode number while it
// lives. Not so on network file systems (another machine's clock, attributes from a cache), FUSE (whatever its program
// says) and those made elsewhere (vfat, iso9660, squashfs: no ctime of their own). What is not known is not trusted.

const types: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // xfs
  0x9123683e, // btrfs
  0x01021994, // tmpfs
  0x858458f6, // ramfs
  0xf2f52010, // f2fs
  0x2fc12fc1, // zfs
  0xca451a4e, // bcachefs
  0x794c7630, // overlayfs: the times of what it lies on
  0x3153464a, // jfs
  0x3434, // nilfs2
  0x52654973, // reiserfs
  0x24051905, // ubifs
]);

/** Says whether a file system of that type (statfs(2), f_type) is one of them. */
export function hasChangeTimes(type: number): boolean {
  return types.has(type);
}
