#!/usr/bin/env bash
# Reads Tocsin's incidents as a member of a consumer group, with redis-cli 7 and coreutils.
#
# Usage: consumer.sh [COMMAND [ARGUMENT...]]
#
# Runs COMMAND once for each event, with the event's fields in its environment as INCIDENT_event,
# INCIDENT_id, INCIDENT_ruleName, ... (docs/redis.md lists them). Exit code 0: the event is done.
# Any other: it is tried again. Without a COMMAND, events are printed.
#
# Environment, with defaults:
#   REDIS_URL     unix://./tocsin-state/redis.sock   or redis://user:password@host:port/db
#                 (redis-cli wants a user: `default`, if you have none)
#   GROUP         pager          each group gets every event, once
#   NAME          the host name  one running consumer each; keep it across restarts
#   FROM          now            where a new group begins: now (and all that is open), or all
#   RETRY_MS      60000          longer than COMMAND ever takes: after that, others take over
#   SEEN_S        864000         how long done events are remembered: retentionPeriod at least
#   PREFIX        tocsin         tocsin.prefix of the configuration
#
# Each event is handled at least once. It is handled twice only if this consumer dies after COMMAND
# did its work and before that was noted, so COMMAND should bear that.
set -uo pipefail

url=${REDIS_URL:-unix://./tocsin-state/redis.sock}
group=${GROUP:-pager}
name=${NAME:-$(hostname)}
retry_ms=${RETRY_MS:-60000}
stream="${PREFIX:-tocsin}:{0}:incidents"
mine="consumer:{0}:$group" # what this consumer keeps; {0} puts it on the stream's cluster node

case $url in
  unix://*) cli=(redis-cli -s "${url#unix://}") ;;
  *) cli=(redis-cli --no-auth-warning -u "$url") ;;
esac
unit=$'\x1f' # between the values of a reply: a name may hold anything else, line breaks too
# Longer than a read blocks: the connection is dead then, though nobody said so.
redis() { timeout 10 "${cli[@]}" -e -d "$unit" -D '' "$@"; }

stopping=
trap 'stopping=1' TERM INT

# readme: begin done
# Runs the command unless this event is done already; then notes that and acknowledges, as one.
handle() { # ENTRY COMMAND...
  local entry=$1 seen="$mine:seen:$INCIDENT_id:$INCIDENT_event" known
  shift
  known=$(redis EXISTS "$seen") || return
  if [ "$known" = 0 ]; then
    "$@" || { echo "consumer: $entry is tried again later" >&2; return 0; }
  fi
  redis EVAL "redis.call('SET', KEYS[1], '1', 'EX', ARGV[1])
              return redis.call('XACK', KEYS[2], ARGV[2], ARGV[3])" \
    2 "$seen" "$stream" "${SEEN_S:-864000}" "$group" "$entry" >/dev/null
}
# readme: end

show() {
  echo "$INCIDENT_event $INCIDENT_id $INCIDENT_hostName $INCIDENT_ruleName $INCIDENT_triggerValue"
}

# FIELD VALUE... as INCIDENT_FIELD=VALUE. Entries of a stream have no other shape.
set_event() {
  local variable
  for variable in "${!INCIDENT_@}"; do unset "$variable"; done
  while [ $# -gt 0 ]; do
    export "INCIDENT_$1=${2-}"
    shift 2 2>/dev/null || shift
  done
}

# Says why a command failed. A group that somebody removed is joined anew.
failed() { # TEXT
  echo "consumer: ${1:-Redis did not answer}" >&2
  [[ $1 != *NOGROUP* ]] || redis DEL "$mine:joined" >/dev/null
  return 1
}

# An entry that was trimmed before it was done: retentionPeriod was too short.
lose() { # ENTRY
  echo "consumer: $1 is lost" >&2
  redis XACK "$stream" "$group" "$1" >/dev/null
}

# One entry, after `from`: `>` is the next that nobody got, an id one of ours that is not done.
read_one() { # FROM COMMAND...; sets `entry`, empty: there is none
  local from=$1 text reply
  shift
  entry=
  text=$(redis XREADGROUP GROUP "$group" "$name" COUNT 1 BLOCK 1000 STREAMS "$stream" "$from" \
    2>&1) || { failed "$text"; return; }
  mapfile -d "$unit" -t reply < <(printf %s "$text")
  [ ${#reply[@]} -gt 1 ] || return 0
  entry=${reply[1]}
  if [ ${#reply[@]} -lt 4 ]; then
    lose "$entry"
    return
  fi
  set_event "${reply[@]:2}"
  handle "$entry" "$@"
}

# readme: begin claim
# Takes over what others got and did not finish in time; then does all that is ours.
finish_old() { # COMMAND...
  local reply=(0-0) text
  while :; do # what is trimmed is told here once, whoever had it
    text=$(redis EVAL "local got = redis.call('XAUTOCLAIM', KEYS[1], unpack(ARGV))
                       return {got[1], unpack(got[3] or {})}" \
      1 "$stream" "$group" "$name" "$retry_ms" "${reply[0]}" COUNT 100 JUSTID 2>&1) ||
      { failed "$text"; return; }
    mapfile -d "$unit" -t reply < <(printf %s "$text")
    for entry in "${reply[@]:1}"; do lose "$entry" || return; done
    [ "${reply[0]}" = 0-0 ] && break
  done
  entry=0-0
  while [ -n "$entry" ] && [ -z "$stopping" ]; do read_one "$entry" "$@" || return; done
}
# readme: end

# readme: begin join
# Makes the group, at the last event that is committed; then what is open is handled like an event.
# One that somebody removed is made where it began: what was done since is noted.
join_group() { # COMMAND...
  local from=0-0 first known answer open id json text fields
  known=$(redis EXISTS "$mine:joined") || return
  [ "$known" = 0 ] || return 0
  if [ "${FROM:-now}" = now ]; then
    from=$(redis HGET "${stream%incidents}progress" lastEventId) || return
  fi
  first=$(redis SETNX "$mine:began" "${from:-0-0}") && from=$(redis GET "$mine:began") || return
  answer=$(redis XGROUP CREATE "$stream" "$group" "$from" MKSTREAM 2>&1) ||
    [[ $answer == *BUSYGROUP* ]] || { echo "$answer" >&2; return 1; }
# readme: end
  if [ "${FROM:-now}" = now ] || [ "$first" = 0 ]; then
    open=$(redis HKEYS "${stream%incidents}open") || return
    mapfile -d "$unit" -t open < <(printf %s "$open")
    for id in "${open[@]}"; do
      json=$(redis HGET "${stream%incidents}open" "$id") || return
      [ -n "$json" ] || continue # resolved by now: the group gets that
      text=$(redis EVAL "$open_to_fields" 0 "$json") || return
      mapfile -d "$unit" -t fields < <(printf %s "$text")
      set_event event opened "${fields[@]}"
      handle 0-0 "$@" || return
    done
  fi
  redis SET "$mine:joined" 1 >/dev/null
}

# A flat JSON object as names and values; numbers as they are written.
open_to_fields="
  local out = {}
  for name, value in pairs(cjson.decode(ARGV[1])) do
    out[#out + 1] = name
    out[#out + 1] = type(value) == 'string' and value
      or string.match(ARGV[1], '\"' .. name .. '\":([^,}]+)')
  end
  return out"

run() { # COMMAND...
  join_group "$@" || return
  local next=0
  while [ -z "$stopping" ]; do
    if [ "$SECONDS" -ge "$next" ]; then
      finish_old "$@" || return
      next=$((SECONDS + retry_ms / 1000 + 1))
    fi
    read_one '>' "$@" || return
  done
}

[ $# -gt 0 ] || set -- show
while [ -z "$stopping" ]; do
  run "$@" && break
  [ -n "$stopping" ] || echo "consumer: trying again" >&2
  sleep 1
done
