#!/usr/bin/env bash
# gpu-test.sh [--build DIR]                        runs every test that needs a GPU
# gpu-test.sh [--build DIR] --sanitize [REGEX]     runs every built-in CUDA variant (or those whose "TARGET VARIANT"
#                                                  matches REGEX) at light scale under compute-sanitizer: memcheck,
#                                                  racecheck, synccheck; one line for each variant and tool
# Needs a finished build (./aisp test builds it). Exit status: 0 all passed, 1 something failed, 2 cannot run.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
build=build sanitize='' pattern=.
while (($#)); do
  case $1 in
    --build) build=${2:?--build needs a folder}; shift 2 ;;
    --sanitize) sanitize=1; shift; if (($#)) && [[ $1 != --* ]]; then pattern=$1; shift; fi ;;
    *) sed -n '2,6s/^# //p' "$0" >&2; exit 2 ;;
  esac
done

if [[ ! $sanitize ]]; then
  tests=("$build"/tests/gpu/*_test)
  [[ -x ${tests[0]} ]] || { echo "no GPU tests in $build; build them with ./aisp test" >&2; exit 2; }
  failed=0
  for test in "${tests[@]}"; do
    "$test" || failed=1
  done
  exit $failed
fi

runner=$build/bin/aisp-replay
[[ -x $runner ]] || { echo "$runner is missing: build it with ./aisp build" >&2; exit 2; }
sanitizer=$(command -v compute-sanitizer || echo "${CUDA_HOME:-/usr/local/cuda}/bin/compute-sanitizer")
[[ -x $sanitizer ]] || { echo "compute-sanitizer is not installed; it comes with the CUDA toolkit" >&2; exit 2; }
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
export runner sanitizer logs

# One variant under one tool: a line, and the report where it is not clean.
one() {
  local tool=$1 target=$2 variant=$3 log
  log=$logs/$tool-${target//[:\/]/-}-$variant
  if timeout 300 "$sanitizer" --tool "$tool" --error-exitcode 99 "$runner" "$target" "$variant" >"$log" 2>&1; then
    printf 'ok    %-9s %s %s\n' "$tool" "$target" "$variant"
  else
    printf 'FAIL  %-9s %s %s (exit %d): %s\n' "$tool" "$target" "$variant" $? \
      "$(grep -m1 -E '^========= [A-Z]' "$log" | grep -v COMPUTE-SANITIZER || tail -n1 "$log")"
    return 1
  fi
}
export -f one

"$runner" --list | grep -E "$pattern" >"$logs/list" || { echo "no CUDA variant matches '$pattern'" >&2; exit 2; }
for tool in memcheck racecheck synccheck; do
  sed "s/^/$tool /" "$logs/list"
done | xargs -P "$(nproc)" -L 1 bash -c 'one "$@"' _
status=$?
echo "$(wc -l <"$logs/list") variants, three tools: $([[ $status == 0 ]] && echo clean || echo errors)"
[[ $status == 0 ]]
