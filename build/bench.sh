#!/usr/bin/env bash
# CareHub and mosquitto side by side, interleaved; medians with their spread go to artifacts/bench.md: first the broker alone, then the
# whole hub, durable, with signals; then with readings, on to InfluxDB, beside mosquitto with a small forwarder on Node.js; last what a city
# asks of a hub.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p artifacts
PATH="$PATH:/usr/sbin" command -v mosquitto >/dev/null || { echo "mosquitto is not installed: apt-get install mosquitto" >&2; exit 1; }
command -v influxd >/dev/null || { echo "influxd is not installed: apt-get install influxdb" >&2; exit 1; }
export PATH="$PATH:/usr/sbin"
[ -d tests/interop/node_modules ] || (cd tests/interop && npm ci --no-audit --no-fund)
dotnet build CareHub.sln -c Release -v quiet --nologo
bench=bench/bin/Release/net10.0/CareHub.Bench.dll
dotnet "$bench" compare --output artifacts/bench-broker.md "$@"
dotnet "$bench" pipeline --output artifacts/bench-pipeline.md "$@"
dotnet "$bench" telemetry --output artifacts/bench-telemetry.md "$@"
dotnet "$bench" city --output artifacts/bench-city.md
cat artifacts/bench-broker.md artifacts/bench-pipeline.md artifacts/bench-telemetry.md artifacts/bench-city.md | tee artifacts/bench.md
