#!/usr/bin/env bash
# Reading unbound's statistics sets them to zero for every other reader.
#
# Version:  unbound 1.17.1 (Debian 12), no setting about statistics.
# Input:    seven queries; then two readers ask `unbound-control stats`, as a monitoring plug-in and
#           a person at the terminal do.
# Guess:    total.num.queries is a counter since the start, as its name and the counters of other
#           daemons suggest; both readers see 7.
# Seen:     the first sees 7, the second 0. time.elapsed, the span that the numbers are over, begins
#           anew as well, while time.up goes on. With two collectors each gets a random part of the
#           traffic, and neither sees a fault; an `increase` over it sees a reset at each reading.
# So:       read with stats_noreset everywhere, or set statistics-cumulative: yes.
set -euo pipefail
work=$(mktemp -d) && chmod 755 "$work"
unbound=""
trap '[ -z "$unbound" ] || kill "$unbound" 2>/dev/null; wait; rm -rf "$work"' EXIT
cd "$work"
apt-get download unbound=1.17.1-2+deb12u4 libprotobuf-c1=1.4.1-1+b1 \
  libevent-2.1-7=2.1.12-stable-8+deb12u1 libpython3.11=3.11.2-6+deb12u9 >/dev/null
for package in *.deb; do dpkg -x "$package" root; done
LD_LIBRARY_PATH=$(echo "$work"/root/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH

port=$(python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
cat >config <<END
server:
  interface: 127.0.0.1@$port
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "$work"
  pidfile: ""
  use-syslog: no
  module-config: "iterator"
  local-zone: "example." static
  local-data: "a.example. A 192.0.2.1"
remote-control:
  control-enable: yes
  control-interface: $work/control
  control-use-cert: no
END
root/usr/sbin/unbound -c config 2>log &
unbound=$!
control() { root/usr/sbin/unbound-control -c config "$@"; }
for _ in $(seq 100); do
  control status >/dev/null 2>&1 && break
  sleep 0.1
done
control stats >/dev/null # from here on

python3 - "$port" <<'END'
import socket
import struct
import sys
query = struct.pack(">HHHHHH", 1, 0x100, 1, 0, 0, 0) + b"\1a\7example\0" + struct.pack(">HH", 1, 1)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.settimeout(5)
    for _ in range(7):
        s.sendto(query, ("127.0.0.1", int(sys.argv[1])))
        s.recv(512)
END
queries() { sed -n 's/^total.num.queries=//p'; }
looked=$(control stats_noreset | queries) first=$(control stats | queries) second=$(control stats | queries)
echo "stats_noreset: $looked; first reader: $first; second reader: $second"
[ "$looked" = 7 ] && [ "$first" = 7 ] && [ "$second" = 0 ]
