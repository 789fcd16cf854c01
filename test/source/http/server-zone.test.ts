// The time zone of a server, worked out from the true times of a few files.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerZone } from "../../../src/source/http/server-zone.ts";

const hour = 3600;

const forms = new Map<string, Intl.DateTimeFormat>();

/** Making one takes longer than all that is done with it. */
function formOf(zone: string): Intl.DateTimeFormat {
  const known = forms.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    ...{ year: "numeric", month: "2-digit", day: "2-digit" },
    ...{ hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  });
  forms.set(zone, made);
  return made;
}

/** What a server lists: the hours and minutes of its own clock, read as if they were UTC. */
function listed(seconds: number, zone: string): number {
  const words = formOf(zone).formatToParts(new Date(seconds * 1000));
  const part = (type: string): number => Number(words.find((word) => word.type === type)?.value);
  return (
    Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute")) / 1000
  );
}

const zones = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "Pacific/Chatham",
];
const winter = Date.UTC(2025, 0, 10, 7, 30, 20) / 1000;
const summer = Date.UTC(2024, 6, 10, 22, 15, 50) / 1000;

test("one file of each half of the year tells the zone", () => {
  for (const name of zones) {
    const zone = new ServerZone();
    for (const truth of [winter, summer]) {
      assert.equal(zone.wants(listed(truth, name)), true);
      zone.learn(listed(truth, name), truth, 60);
      assert.equal(zone.wants(listed(truth, name)), false);
    }
    for (let day = 0; day < 366 * 3; day += 3) {
      const truth = Date.UTC(2022, 0, 1, 12, 34, 56) / 1000 + day * 24 * hour;
      const found = zone.correct(listed(truth, name));
      if (found !== undefined)
        assert.ok(
          truth - found >= 0 && truth - found < 60,
          `${name} ${new Date(truth * 1000).toISOString()}`,
        );
      else assert.notEqual(name, "UTC", "a zone without summer time is known all year");
    }
  }
});

test("what is not known is not guessed", () => {
  const zone = new ServerZone();
  assert.equal(zone.correct(winter), undefined);
  zone.learn(winter + hour, winter, 60);
  assert.equal(zone.correct(winter + hour), winter);
  assert.equal(zone.correct(summer), undefined);
  // A file that has changed since it was listed tells nothing.
  zone.learn(summer + hour, summer + 400, 60);
  assert.equal(zone.correct(summer), undefined);
  assert.equal(zone.wants(summer), false);
});
