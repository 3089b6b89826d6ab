#!/usr/bin/env bash
# ReqPerSec, BytesPerSec and CPULoad of Apache's status page are averages since its start.
#
# Version:  Apache httpd 2.4.71 (Debian 12), mod_status, GET /server-status?auto.
# Input:    8 requests at once; then twelve seconds without any; then one look at the page.
# Guess:    ReqPerSec is the rate of now or of the last seconds, 0 after the silence, as one reads it
#           beside BusyWorkers; it is a number that any JSON reader takes.
# Seen:     ReqPerSec is Total Accesses / Uptime: `.692308` after twelve seconds of silence. CPULoad
#           is the CPU time since the start over the same Uptime, in per cent. Below 1 no digit
#           stands before the point, which JSON does not allow.
# So:       a rule on ReqPerSec of a server that is up for a week needs a week to notice that traffic
#           ended or doubled: send Total Accesses and take its rate; put the 0 before the point.
set -euo pipefail
work=$(mktemp -d) && chmod 755 "$work"
httpd=""
trap '[ -z "$httpd" ] || kill "$httpd" 2>/dev/null; wait; rm -rf "$work"' EXIT
cd "$work"
apt-get download apache2-bin=2.4.71-1~deb12u1 libapr1=1.7.2-3+deb12u1 \
  libaprutil1=1.6.3-1+deb12u1 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
LD_LIBRARY_PATH=$(echo "$work"/root/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH

port=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
modules=$work/root/usr/lib/apache2/modules
cat >config <<END
ServerRoot $work
ServerName localhost
User nobody
Listen 127.0.0.1:$port
PidFile $work/pid
ErrorLog $work/errors
DefaultRuntimeDir $work
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule status_module $modules/mod_status.so
<Location /server-status>
SetHandler server-status
Require all granted
</Location>
END
root/usr/sbin/apache2 -f "$work/config" -DFOREGROUND &
httpd=$!

python3 - "$port" <<'END'
import re
import sys
import time
import urllib.request


def status():
    url = f"http://127.0.0.1:{sys.argv[1]}/server-status?auto"
    with urllib.request.urlopen(url, timeout=5) as answer:
        text = answer.read().decode()
    return {name: value for name, value in re.findall(r"^([\w ]+): (.*)$", text, re.M)}


for _ in range(100):
    try:
        status()
        break
    except OSError:
        time.sleep(0.1)
for _ in range(8):
    status()
time.sleep(12)
seen = status()
print({name: seen.get(name) for name in ("Total Accesses", "Uptime", "ReqPerSec", "CPULoad")})
accesses, uptime, rate = int(seen["Total Accesses"]), int(seen["Uptime"]), seen["ReqPerSec"]
assert 8 <= accesses < 12 <= uptime, "the requests were counted"
assert abs(float(rate) - accesses / uptime) < 1e-3, "an average since the start"
assert rate.startswith("."), "no digit before the point"
END
