#!/usr/bin/env bash
# The compose file as text, read by Docker's own reader: no engine is needed.
set -euo pipefail
cd "$(dirname "$0")/.."
if docker compose version >/dev/null 2>&1; then
  docker compose config --quiet
else
  docker-compose config --quiet
fi
