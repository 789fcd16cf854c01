// Of what the sum has to be that may come in the place of a directory's record, so that the target can tell by it that it has the same
// (docs/decisions/0121-sums-of-directories.md).

import { sumColumns } from "../../session/index.ts";
import type { LaneSettings } from "./lane-settings.ts";
import { isSuperUser } from "./stage-options.ts";

/**
 * Returns of which columns sums may come; 0 = of none: what the target has is compared, shown or changed in ways that a sum says nothing
 * of.
 */
export function sumColumnsOf(settings: LaneSettings): number {
  const { options, idMaps, target, takesAhead } = settings;
  const { walk, preserve, links, select, transfer, chmod } = options;
  if (target === undefined || takesAhead === true || !walk.recurse) return 0;
  if (idMaps !== undefined || chmod.length > 0 || transfer.removeSourceFiles) return 0;
  if (select.checksum || select.ignoreTimes || links.munge || links.keepDirLinks) return 0;
  if (preserve.hardLinks || preserve.fakeSuper || preserve.atTarget.fakeSuper) return 0;
  if (preserve.acls || preserve.xattrs > 0 || preserve.atimes || preserve.crtimes) return 0;
  if (!preserve.times || !preserve.dirTimes || !preserve.linkTimes) return 0;
  const owner = preserve.owner && isSuperUser(settings) ? sumColumns.owner : 0;
  const group = preserve.group ? sumColumns.group : 0;
  return sumColumns.on | owner | group;
}
