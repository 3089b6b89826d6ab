#!/usr/bin/env bash
# node_exporter leaves out the series of a textfile because their help text differs from another
# file's, and says so nowhere but in its own log.
#
# Version:  prometheus-node-exporter 1.5.0 (Debian 12).
# Input:    two jobs write one gauge, each into a textfile of its own, with a label that tells them
#           apart, and with help texts that differ; a third file has a name that a collector uses,
#           with a label (node_load1{source="mine"}).
# Guess:    help is for people, so both series are there; or the scrape fails; or
#           node_textfile_scrape_error, made for this, is 1. Two node_load1 with different labels
#           stand side by side.
# Seen:     the answer is 200 and node_textfile_scrape_error 0, but only the first file's series is
#           in it: job_last{job="b"} never is. Of node_load1 either the file's or the collector's is
#           in it, whichever came first in that very scrape, so that the load of the machine comes
#           and goes. (node_textfile_mtime_seconds is fresh for all three.)
# So:       whoever watches a series from a textfile needs an alert on its absence; the error gauge
#           and the files' times do not show it.
set -euo pipefail
work=$(mktemp -d) && chmod 755 "$work"
exporter=""
trap '[ -z "$exporter" ] || kill "$exporter" 2>/dev/null; wait; rm -rf "$work"' EXIT
cd "$work"
apt-get download prometheus-node-exporter=1.5.0-1+b6 >/dev/null
dpkg -x prometheus-node-exporter_*.deb root

mkdir files
printf '# HELP job_last Last run\n# TYPE job_last gauge\njob_last{job="a"} 1\n' >files/a.prom
printf '# HELP job_last Last run of it\n# TYPE job_last gauge\njob_last{job="b"} 1\n' >files/b.prom
printf '# TYPE node_load1 gauge\nnode_load1{source="mine"} 5\n' >files/c.prom
port=$(python3 -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
root/usr/bin/prometheus-node-exporter --web.listen-address="127.0.0.1:$port" \
  --collector.disable-defaults --collector.loadavg --collector.textfile \
  --collector.textfile.directory=files 2>log &
exporter=$!
for _ in $(seq 100); do
  curl -sf "http://127.0.0.1:$port/metrics" >/dev/null && break
  sleep 0.1
done

scrapes=40
for i in $(seq "$scrapes"); do curl -sf "http://127.0.0.1:$port/metrics" >"scrape.$i"; done
# How many scrapes hold a line that begins so.
holding() { { grep -l "^$1" scrape.* || true; } | wc -l; }
a=$(holding 'job_last{job="a"} 1') b=$(holding 'job_last{job="b"}')
silent=$(holding 'node_textfile_scrape_error 0')
mine=$(holding 'node_load1{source="mine"} 5') own=$(holding 'node_load1 ')
echo "of $scrapes scrapes with status 200: job a in $a, job b in $b; no error said in $silent;" \
  "load of the file in $mine, of the collector in $own"
[ "$a" = "$scrapes" ] && [ "$b" = 0 ] && [ "$silent" = "$scrapes" ] &&
  [ $((mine + own)) = "$scrapes" ]
