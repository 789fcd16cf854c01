// The names that rsync 3.5 understands, as facts to compare the table with: long names and
// letters, "=" behind those that take a value. The oracle test checks the list against rsync.

/** Every long name, negations and deprecated names included. */
export const rsyncLongNames: readonly string[] = `
help version verbose no-verbose no-v info= debug= stderr= msgs2stderr no-msgs2stderr quiet motd
no-motd stats human-readable no-human-readable no-h dry-run archive recursive no-recursive no-r
inc-recursive no-inc-recursive i-r no-i-r dirs no-dirs no-d old-dirs old-d perms no-perms no-p
executability acls no-acls no-A xattrs no-xattrs no-X times no-times no-t atimes no-atimes no-U
open-noatime no-open-noatime crtimes no-crtimes no-N omit-dir-times no-omit-dir-times no-O
omit-link-times no-omit-link-times no-J modify-window= super no-super fake-super owner no-owner
no-o group no-group no-g no-D devices no-devices copy-devices write-devices no-write-devices
specials no-specials drop-D no-drop-D confine-root= links no-links no-l copy-links
copy-unsafe-links safe-links insecure-links no-insecure-links munge-links no-munge-links
copy-dirlinks keep-dirlinks hard-links no-hard-links no-H relative no-relative no-R implied-dirs
no-implied-dirs i-d no-i-d chmod= ignore-times size-only one-file-system no-one-file-system no-x
update existing ignore-non-existing ignore-existing max-size= min-size= max-alloc= sparse
no-sparse no-S preallocate inplace no-inplace append append-verify no-append del delete
delete-before delete-during delete-delay delete-after delete-excluded delete-missing-args
ignore-missing-args remove-sent-files remove-source-files force no-force ignore-errors
no-ignore-errors max-delete= filter= exclude= include= exclude-from= include-from= cvs-exclude
whole-file no-whole-file no-W checksum no-checksum no-c checksum-choice= cc= block-size=
compare-dest= copy-dest= link-dest= fuzzy no-fuzzy no-y compress old-compress new-compress
no-compress no-z compress-choice= zc= skip-compress= compress-level= zl= compress-threads= zt=
progress no-progress partial no-partial partial-dir= delay-updates no-delay-updates
prune-empty-dirs no-prune-empty-dirs no-m log-file= log-file-format= out-format= log-format=
itemize-changes no-itemize-changes no-i bwlimit= no-bwlimit backup no-backup backup-dir= suffix=
list-only read-batch= write-batch= only-write-batch= files-from= from0 no-from0 old-args
no-old-args secluded-args no-secluded-args protect-args no-protect-args no-s trust-sender
numeric-ids no-numeric-ids usermap= groupmap= chown= timeout= no-timeout contimeout=
no-contimeout fsync stop-after= time-limit= stop-at= rsh= rsync-path= temp-dir= iconv= no-iconv
ipv4 ipv6 8-bit-output no-8-bit-output no-8 mkpath no-mkpath qsort copy-as= address= port=
sockopts= password-file= early-input= blocking-io no-blocking-io outbuf= remote-option= protocol=
checksum-seed= server sender config= daemon dparam= detach no-detach
`
  .trim()
  .split(/\s+/);

/** Every letter. */
export const rsyncLetters: readonly string[] =
  "V v q h n a r d p E A X t U N O J @= o g D l L k K H R I x u S F f= C W c B= y z P m i b s e= T= 4 6 8 M= 0".split(
    " ",
  );
