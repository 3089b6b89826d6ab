#!/usr/bin/env bash
# Four schedulers of npm give four answers for a nightly time that the change of clocks skips.
#
# Version:  cron-parser 5.10.6, cron 4.4.0, croner 11.0.1, rrule 2.8.1; node 18 or later.
# Input:    Europe/Berlin, the night of 29 March 2026, in which 02:00–02:59 does not exist
#           (01:59 +01:00 is followed by 03:00 +02:00, at 01:00 UTC):
#           once a night at 02:30 ("30 2 * * *"), and at 02:00 and 02:30 ("*/30 2 * * *").
# Guess:    one rule for both, the same in all: skipped times are left out, or moved to 03:00.
# Seen, as UTC:
#           02:30 nightly        cron-parser 01:30 (03:30 on the wall); cron and croner 01:00 (03:00);
#                                rrule 00:30 (01:30 on the wall: an hour too early, before the gap)
#           02:00 and 02:30      cron-parser 01:00 and 01:30; cron 01:00, once; croner never: a time
#                                that stands alone is moved, one of a list is left out
# So:       whoever mutes alerts over a nightly window must say what a skipped beginning means, and
#           not take a library's word for it; a window's end by another library may lie before it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts \
  cron-parser@5.10.6 cron@4.4.0 croner@11.0.1 rrule@2.8.1
cat >night.mjs <<'END'
import parser from 'cron-parser';
import { CronTime } from 'cron';
import { Cron } from 'croner';
import rrule from 'rrule';

const zone = 'Europe/Berlin';
const noon = new Date('2026-03-28T12:00:00Z');
const inTheNight = (times) => times.map((t) => t.toISOString())
  .filter((t) => t.startsWith('2026-03-29T')).map((t) => t.slice(11, 16)).join(' ') || 'never';

const schedulers = {
  'cron-parser': (pattern) => {
    const times = parser.CronExpressionParser.parse(pattern, { currentDate: noon, tz: zone });
    return [1, 2, 3].map(() => times.next().toDate());
  },
  cron: (pattern) => {
    const times = new CronTime(pattern, zone);
    const found = [noon];
    for (let i = 0; i < 3; ++i) found.push(times.getNextDateFrom(found.at(-1), zone).toJSDate());
    return found.slice(1);
  },
  croner: (pattern) => new Cron(pattern, { timezone: zone, paused: true }).nextRuns(3, noon),
};
const seen = [];
for (const pattern of ['30 2 * * *', '*/30 2 * * *']) {
  for (const [name, next] of Object.entries(schedulers)) {
    seen.push(`${pattern}: ${name} ${inTheNight(next(pattern))}`);
  }
}
const daily = new rrule.RRule({ freq: rrule.RRule.DAILY, count: 3, tzid: zone,
  dtstart: new Date(Date.UTC(2026, 2, 28, 2, 30)) });
seen.push(`daily at 02:30: rrule ${inTheNight(daily.all())}`);
console.log(seen.join('\n'));
END
TZ=UTC node night.mjs | tee seen
diff seen - <<'END'
30 2 * * *: cron-parser 01:30
30 2 * * *: cron 01:00
30 2 * * *: croner 01:00
*/30 2 * * *: cron-parser 01:00 01:30
*/30 2 * * *: cron 01:00
*/30 2 * * *: croner never
daily at 02:30: rrule 00:30
END
