#!/usr/bin/env bash
# CareHub's broker and mosquitto side by side, interleaved; medians with their spread go to artifacts/bench.md.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p artifacts
PATH="$PATH:/usr/sbin" command -v mosquitto >/dev/null || { echo "mosquitto is not installed: apt-get install mosquitto" >&2; exit 1; }
export PATH="$PATH:/usr/sbin"
dotnet build bench -c Release -v quiet --nologo
dotnet bench/bin/Release/net10.0/CareHub.Bench.dll compare --output artifacts/bench.md "$@"
cat artifacts/bench.md
