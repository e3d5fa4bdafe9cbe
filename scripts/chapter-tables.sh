#!/usr/bin/env bash
# chapter-tables.sh [--expected] [CHAPTER...]: writes result tables into the chapters' READMEs. Between
# <!-- aisp:table --> and <!-- /aisp:table --> what this machine's CPU reaches, measured now (left out with --expected);
# between <!-- aisp:expected KEY --> and <!-- /aisp:expected --> what expectations_KEY.json holds. Needs ./aisp build.
set -euo pipefail
cd "$(dirname "$0")/.."
aisp=build/bin/aisp
measure=true
if [[ ${1-} == --expected ]]; then measure=false; shift; fi
chapters=("$@")
((${#chapters[@]})) || mapfile -t chapters < <(cd chapters && printf '%s\n' ch*)

# fill README MARKER: replaces what stands between the marker's comments by the standard input.
fill() {
  local table
  table=$(mktemp)
  cat >"$table"
  awk -v table="$table" -v marker="$2" '
    $0 ~ "^<!-- aisp:" marker "( .*)? -->$" {print; print ""; while ((getline line < table) > 0) print line; print ""; skip = 1; next}
    $0 ~ "^<!-- /aisp:" marker " -->$" {skip = 0}
    !skip' "$1" >"$table.readme"
  mv "$table.readme" "$1"
  rm "$table"
}

for chapter in "${chapters[@]}"; do
  readme=chapters/$chapter/README.md
  if key=$(sed -n 's/^<!-- aisp:expected \(.*\) -->$/\1/p' "$readme") && [[ $key ]]; then
    { echo '```'; COLUMNS=200 "$aisp" bench expectations --hardware "$key" --chapter "$chapter"; echo '```'; } |
      fill "$readme" expected
  fi
  if ! $measure || ! grep -q '<!-- aisp:table -->' "$readme"; then continue; fi
  "$aisp" bench run --device cpu --targets "$chapter" || true  # a claim not met on this machine is a result, too
  {
    printf '%s, %s, commit %s, light scale.\n\n' "$("$aisp" system info --json | jq -r .model 2>/dev/null || uname -m)" \
      "$(date -u +%F)" "$(git rev-parse --short HEAD)"
    "$aisp" bench report --format md | awk '/^\| /{if (!done) print; seen = 1; next} seen{done = 1}'
  } | fill "$readme" table
done
