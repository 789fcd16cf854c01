// The flags in front of every entry of a file list (protocol 30 and later). This file is a table.

export const entryFlag = {
  top: 0x0001,
  sameMode: 0x0002,
  extended: 0x0004,
  sameUid: 0x0008,
  sameGid: 0x0010,
  sameName: 0x0020,
  longName: 0x0040,
  sameTime: 0x0080,
  /** Of devices. */
  sameMajor: 0x0100,
  /** Of directories. */
  noContent: 0x0100,
  linked: 0x0200,
  userName: 0x0400,
  groupName: 0x0800,
  firstLink: 0x1000,
  /** In front of the end of a list. */
  errorEnd: 0x1000,
  nanos: 0x2000,
  sameAtime: 0x4000,
  crtimeIsMtime: 0x2_0000,
} as const;
