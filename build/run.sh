#!/usr/bin/env bash
# Starts the hub with the demo city, then a simulated day in the foreground; Ctrl-C stops both.
set -euo pipefail
hub=$1 sim=$2 data=$3
mkdir -p "$data"

export ASPNETCORE_URLS=${ASPNETCORE_URLS:-http://127.0.0.1:8080}
export CareHub__DataDirectory=${CareHub__DataDirectory:-$data}
export CareHub__Mqtt__Listen=${CareHub__Mqtt__Listen:-127.0.0.1:1883}
export CareHub__Demo=true
url=${ASPNETCORE_URLS%%;*}
http_port=${url##*:}
http_port=${http_port%%/*}
mqtt_port=${CareHub__Mqtt__Listen##*:}
credentials=$CareHub__DataDirectory/demo/devices.csv

ready() {
  local status=
  exec 3<>"/dev/tcp/127.0.0.1/$http_port" || return 1
  printf 'GET /healthz/ready HTTP/1.0\r\n\r\n' >&3
  IFS= read -r status <&3 || true
  exec 3>&-
  [[ $status == *" 200 "* ]]
}

dotnet "$hub" serve 2>"$data/hub.log" &
hub_pid=$!
trap 'kill -TERM "$hub_pid" 2>/dev/null || true; wait "$hub_pid" 2>/dev/null || true' EXIT
until ready 2>/dev/null; do
  kill -0 "$hub_pid" 2>/dev/null || { echo "The hub did not start:" >&2; tail -5 "$data/hub.log" >&2; exit 1; }
  sleep 0.2
done

cat <<EOF

  Console   $url   (the demo users are printed above, once, when the city is first loaded)
  MQTT      127.0.0.1:$mqtt_port   (devices and their secrets: $credentials)
  Hub log   $data/hub.log

  Press a button yourself, in another terminal:
    mosquitto_pub -p $mqtt_port -u btn-0001 -P "\$(grep '^btn-0001,' $credentials | cut -d, -f4)" \\
      -t care/v1/btn-0001/signal -q 1 -m '{"type":"button"}'

EOF
# A simulator that ends before everything was acknowledged says so itself; the demo is over either way.
dotnet "$sim" --credentials "$credentials" --port "$mqtt_port" --scenario day || true
