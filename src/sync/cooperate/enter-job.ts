// How a process comes to have a part in a job: it enters the folder and says so. Whoever leaves last may be removing the folder at
// just that moment: then there will be another one.

import { Cooperation, type CooperationSettings, isAbsence } from "./cooperation.ts";
import { JobFolder, type JobPlace } from "./job-folder.ts";

/** Such a part. */
export interface JobPart {
  readonly folder: JobFolder;
  readonly cooperation: Cooperation;
}

/** Arbitrary: every time, somebody else has come to the end of the job at the same moment. */
const attemptsMax = 100;

/** Enters. Throws FsError. */
export function enterJob(
  place: JobPlace,
  settings: Omit<CooperationSettings, "folder" | "self">,
): JobPart {
  const { self } = place;
  for (let attempt = 1; ; attempt++) {
    const folder = JobFolder.enter(place);
    try {
      return { folder, cooperation: new Cooperation({ ...settings, folder, self }) };
    } catch (error) {
      folder.leave(false);
      if (!isAbsence(error) || attempt === attemptsMax) throw error;
    }
  }
}
