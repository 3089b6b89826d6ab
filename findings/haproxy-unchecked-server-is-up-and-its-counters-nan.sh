#!/usr/bin/env bash
# HAProxy's own Prometheus exporter says that a server without health checks is up, and gives
# counters of it that are NaN.
#
# Version:  HAProxy 2.6.12 (Debian 12), the exporter that is built into it.
# Input:    one backend with two servers on ports where nobody listens; s1 has `check`, s2 has not.
# Guess:    a server that cannot be reached is not UP; counters are numbers, 0 before anything
#           happened; a limit that is not set is absent or +Inf.
# Seen:     s1 is DOWN, s2 is UP: "not checked" is no state of its own. The counters
#           haproxy_server_check_failures_total, _check_up_down_total and _downtime_seconds_total of
#           s2 are NaN under `# TYPE … counter`, so a sum over all servers is NaN, and a comparison
#           with it is never true. Limits that are not set are NaN, too, and "no session yet" is
#           haproxy_server_last_session_seconds -1.
# So:       take NaN as "no value" per series before adding up, and ask for checks (series with
#           check_status) before UP is believed.
set -euo pipefail
work=$(mktemp -d) && chmod 755 "$work"
haproxy=""
trap '[ -z "$haproxy" ] || kill "$haproxy" 2>/dev/null; wait; rm -rf "$work"' EXIT
cd "$work"
apt-get download haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2 \
  libopentracing-c-wrapper0=1.1.3-3+b1 libopentracing1=1.6.0-4 >/dev/null
for package in *.deb; do dpkg -x "$package" root; done

ports=($(python3 -c 'import socket
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(s.getsockname()[1] for s in held))'))
cat >config <<END
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend metrics
  bind 127.0.0.1:${ports[0]}
  http-request use-service prometheus-exporter
backend b
  server s1 127.0.0.1:${ports[1]} check inter 200ms
  server s2 127.0.0.1:${ports[2]}
END
LD_LIBRARY_PATH=$(echo "$work"/root/usr/lib/*-linux-gnu) root/usr/sbin/haproxy -f config -db 2>log &
haproxy=$!
for _ in $(seq 100); do
  curl -sf "http://127.0.0.1:${ports[0]}/metrics" >metrics || true
  grep -q 'status{proxy="b",server="s1",state="DOWN"} 1' metrics && break
  sleep 0.1
done

fault=0
expect() { grep -qFx "$1" metrics && echo "seen: $1" || { echo "no longer: $1"; fault=1; }; }
expect 'haproxy_server_status{proxy="b",server="s1",state="DOWN"} 1'
expect 'haproxy_server_status{proxy="b",server="s2",state="UP"} 1'
expect '# TYPE haproxy_server_downtime_seconds_total counter'
for counter in check_failures_total check_up_down_total downtime_seconds_total; do
  expect "haproxy_server_$counter{proxy=\"b\",server=\"s2\"} NaN"
done
expect 'haproxy_server_limit_sessions{proxy="b",server="s1"} NaN'
expect 'haproxy_server_last_session_seconds{proxy="b",server="s2"} -1'
exit "$fault"
