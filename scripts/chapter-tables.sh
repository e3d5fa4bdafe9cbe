#!/usr/bin/env bash
# chapter-tables.sh [CHAPTER...]: measures chapters on this machine and writes their result tables into the READMEs,
# between <!-- aisp:table --> and <!-- /aisp:table -->. Needs ./aisp build first.
set -euo pipefail
cd "$(dirname "$0")/.."
aisp=build/bin/aisp
chapters=("$@")
((${#chapters[@]})) || mapfile -t chapters < <(cd chapters && printf '%s\n' ch*)

for chapter in "${chapters[@]}"; do
  readme=chapters/$chapter/README.md
  grep -q '<!-- aisp:table -->' "$readme" || continue
  "$aisp" bench run --device cpu --targets "$chapter" || true  # a claim not met on this machine is a result, too
  table=$(mktemp)
  {
    printf '%s, %s, commit %s, light scale.\n\n' "$("$aisp" system info --json | jq -r .model 2>/dev/null || uname -m)" \
      "$(date -u +%F)" "$(git rev-parse --short HEAD)"
    "$aisp" bench report --format md | awk '/^\| /{if (!done) print; seen = 1; next} seen{done = 1}'
  } >"$table"
  awk -v table="$table" '
    /<!-- aisp:table -->/ {print; print ""; while ((getline line < table) > 0) print line; print ""; skip = 1; next}
    /<!-- \/aisp:table -->/ {skip = 0}
    !skip' "$readme" >"$table.readme"
  mv "$table.readme" "$readme"
  rm "$table"
done
