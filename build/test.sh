#!/usr/bin/env bash
# Installs what the tests need, builds, runs every suite, and ends with "N passed, N failed".
# A suite that cannot start counts as failed; nothing is skipped in silence.
set -uo pipefail
cd "$(dirname "$0")/.."
configuration=${CONFIGURATION:-Release}
logs=artifacts/test
rm -rf "$logs" && mkdir -p "$logs"
passed=0 failed=0
export NO_COLOR=1 # the counts are read from what the runners print

# --- real parts from Debian: broker clients as peers, InfluxDB, VictoriaMetrics, Prometheus' promtool, a browser and a font with Chinese characters
declare -A packages=([mosquitto_pub]=mosquitto-clients [mosquitto]=mosquitto [openssl]=openssl [influxd]=influxdb [victoria-metrics]=victoria-metrics [chromium]=chromium [promtool]=prometheus)
missing=()
for program in "${!packages[@]}"; do
  PATH="$PATH:/usr/sbin" command -v "$program" >/dev/null || missing+=("${packages[$program]}")
done
docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null || missing+=(docker-compose)
[ -n "$(find /usr/share/fonts -iname '*NotoSansCJK*' -print -quit 2>/dev/null)" ] || missing+=(fonts-noto-cjk)
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing ${missing[*]} …"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } >"$logs/apt.log" 2>&1 ||
      { tail -5 "$logs/apt.log"; echo "could not install ${missing[*]}"; }
  else
    echo "MISSING: ${missing[*]}. Install them (apt-get install ${missing[*]}); the tests that need them will fail."
  fi
fi
export PATH="$PATH:/usr/sbin"

count() { # name passed failed
  printf '  %-34s %5d passed, %d failed\n' "$1" "$2" "$3"
  passed=$((passed + $2)) failed=$((failed + $3))
}

# What a suite's closing lines say; a suite without any counts as one failure.
summarise() { # name log exit
  local good bad
  good=$(grep -oE '(Passed: +|ℹ pass |# pass |Tests +([0-9]+ failed \| )?)[0-9]+( passed)?' "$2" | grep -vE 'failed \| *$' | grep -oE '[0-9]+( passed)?$' | grep -oE '[0-9]+' | tail -1)
  bad=$(grep -oE '(Failed: +|ℹ fail |# fail |Tests +)[0-9]+( failed)?' "$2" | grep -E 'Failed|fail' | grep -oE '[0-9]+' | tail -1)
  good=${good:-0} bad=${bad:-0}
  if [ "$3" -ne 0 ] && [ "$bad" -eq 0 ]; then
    bad=1
  elif [ "$good" -eq 0 ] && [ "$bad" -eq 0 ]; then
    bad=1
  fi
  count "$1" "$good" "$bad"
  if [ "$bad" -gt 0 ]; then
    echo "  --- $1: the end of $2"
    grep -vE '^\s*$' "$2" | tail -60
  fi
}

run() { # name command…
  local name=$1 log
  shift
  log="$logs/${name//[^A-Za-z0-9]/-}.log"
  "$@" >"$log" 2>&1
  summarise "$name" "$log" $?
}

step() { # what command… : a step without tests of its own; its failure is a failure
  local name=$1 log="$logs/${1//[^A-Za-z0-9]/-}.log"
  shift
  if ! "$@" >"$log" 2>&1; then
    echo "  $name failed:"
    tail -40 "$log"
    failed=$((failed + 1))
    return 1
  fi
}

finish() {
  echo
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
  exit
}

in_folder() { (cd "$1" && shift && "$@"); }

step "console: packages" in_folder src/console npm ci --no-audit --no-fund || finish
step "console: lint" in_folder src/console npm run lint
step "console: build" in_folder src/console npm run build || finish
step "build" dotnet build CareHub.sln -c "$configuration" -v quiet --nologo || finish

run "console: unit" in_folder src/console npm test
for project in tests/*.Tests; do
  run "$(basename "$project")" dotnet test "$project" -c "$configuration" --no-build --nologo --blame-hang-timeout 5m --results-directory "$logs"
done

step "browser: packages" in_folder tests/browser npm ci --no-audit --no-fund &&
  step "browser: types" in_folder tests/browser npm run typecheck &&
  CONFIGURATION=$configuration run "browser" in_folder tests/browser npm test

step "interop: packages" in_folder tests/interop npm ci --no-audit --no-fund &&
  step "interop: types" in_folder tests/interop npm run typecheck &&
  CONFIGURATION=$configuration run "interop (MQTT.js)" in_folder tests/interop npm test

step "docker compose config" build/check-compose.sh

finish
