#!/usr/bin/env bash
# Copies what the dashboard has from the npm registry, as package-lock.json pins it, into vendor/.
# The copies are committed: building and running need no network.
#
# Usage: tools/dashboard/vendor.sh [FOLDER]   (default: vendor/ beside this file)
set -euo pipefail
cd "$(dirname "$0")"
to=$(realpath -m "${1:-vendor}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp package.json package-lock.json "$work"
(cd "$work" && npm ci --prefer-offline --no-audit --no-fund --ignore-scripts >/dev/null)
mkdir -p "$to"
cp "$work/node_modules/uplot/dist/uPlot.esm.js" "$to/uPlot.js"
cp "$work/node_modules/uplot/dist/uPlot.min.css" "$to/uPlot.css"
cp "$work/node_modules/uplot/LICENSE" "$to/uPlot.LICENSE"
