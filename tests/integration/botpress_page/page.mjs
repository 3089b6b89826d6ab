// What Botpress's monitoring page does with the answer to POST health/monitoring, which stands on
// standard input: reads every entry, groups by time and host, averages and sums. Its resolution in
// ms is the argument. What it would draw goes to standard output.
import { readFileSync } from 'node:fs'
import _ from 'lodash'

const resolution = Number(process.argv[2])
const entries = JSON.parse(readFileSync(0, 'utf8')).map(entry => JSON.parse(entry))

// A group begins at its first entry and takes those up to one resolution later.
const groups = []
for (const entry of entries) {
  const last = _.last(groups)
  if (last && entry.ts - last[0].ts <= resolution) last.push(entry)
  else groups.push([entry])
}

const average = (some, path) => _.round(_.meanBy(some, path), 2)
const counts = ['requests', 'eventsIn', 'eventsOut', 'warnings', 'errors', 'criticals']
const summary = some => ({
  cpu: average(some, 'cpu.usage'),
  mem: average(some, 'mem.usage'),
  ..._.fromPairs(counts.map(name => [name, _.sumBy(some, `${name}.count`)]))
})

const chart = groups.map(group => ({ ts: group[0].ts, hosts: _.mapValues(_.groupBy(group, 'host'), summary) }))
const overview = _.mapValues(_.groupBy(entries, 'host'), some => ({
  ...summary(some),
  uptime: _.last(some).uptime / 60,
  peakCpu: _.maxBy(some, 'cpu.usage').cpu.usage,
  peakMem: _.maxBy(some, 'mem.usage').mem.usage
}))
console.log(JSON.stringify({ chart, overview, hosts: _.uniq(_.map(entries, 'host')) }))
