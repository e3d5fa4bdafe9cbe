#!/usr/bin/env bash
# lint.sh [--tidy-all | --tidy-seconds N | --no-tidy]: clang-format on every file, shellcheck on every script,
# spills of CUDA kernels in what was built last, clang-tidy on the sources that differ from main, on all, or on as many as
# N seconds allow, last changed first.
# Needs a configured build/ (./aisp build). Exit status 1 when something is found.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
log=$root/build/lint.log
# shellcheck source=scripts/build.sh
source scripts/build.sh

tidy=changed seconds=86400
while (($#)); do
  case $1 in
    --tidy-all) tidy=all ;;
    --tidy-seconds) tidy=all seconds=${2?--tidy-seconds needs a number}; shift ;;
    --no-tidy) tidy=none ;;
    *) say "lint knows --tidy-all, --tidy-seconds N and --no-tidy, not '$1'"; exit 2 ;;
  esac
  shift
done
[[ -e build/compile_commands.json ]] || { say "lint needs a build: ./aisp build"; exit 2; }
: >"$log"
install_packages "${packages_lint[@]}" || exit 2
failed=0

mapfile -t sources < <(git ls-files --cached --others --exclude-standard '*.cpp' '*.hpp' '*.h' '*.c' '*.cu' '*.cuh')
mapfile -t unformatted < <(clang-format --dry-run "${sources[@]}" 2>&1 | sed -nE 's/^([^:]+):[0-9]+:.*/\1/p' | sort -u)
if ((${#unformatted[@]})); then
  say "not formatted (clang-format -i mends it): ${unformatted[*]}"
  failed=1
fi
say "clang-format: ${#sources[@]} files"

mapfile -t scripts < <(git ls-files --cached --others --exclude-standard aisp .ci/run '*.sh')
shellcheck -x "${scripts[@]}" || failed=1
say "shellcheck: ${#scripts[@]} scripts"

# fmt::print throws where a stream is broken: a closed terminal must not end a run.
if grep -n 'fmt::print' src/app/*.cpp src/app/commands/*.cpp; then
  say "use print_out or print_err of app/print.hpp"
  failed=1
fi

# Registers that a kernel has to put away, in what was built last.
if [[ -x build/bin/aisp ]]; then
  spills=$(build/bin/aisp bench list-kernels --check) || failed=1
  say "spills: $spills"
fi

if [[ $tidy != none ]]; then
  # gcc's own options mean nothing to clang, and clang's own compiler warnings are not what is asked for here.
  mkdir -p build/tidy
  sed -E 's/ -(fno-gnu-unique|Werror|W[a-z=-]+)//g' build/compile_commands.json >build/tidy/compile_commands.json
  if [[ $tidy == all ]]; then
    mapfile -t recent < <(git log --format= --name-only -- 'src/*.cpp' 'chapters/*.cpp' 'labs/*.cpp' | awk '!seen[$0]++')
  else
    mapfile -t recent < <({ git diff --name-only main...HEAD; git diff --name-only HEAD; } | grep -E '^(src|chapters|labs)/.*\.cpp$' | sort -u)
  fi
  todo=()
  for file in "${recent[@]}"; do
    # Sources for CUDA need a clang that knows the toolkit's headers.
    [[ ! -e $file || $file == */cuda/* ]] || grep -q 'device/cuda/runtime.hpp' "$file" || ! grep -qF "\"file\": \"$root/$file\"" build/tidy/compile_commands.json || todo+=("$file")
  done
  deadline=$((EPOCHSECONDS + seconds))
  export deadline
  rm -f build/tidy/*.out build/tidy/*.done
  # shellcheck disable=SC2016  # expanded by the inner shell
  printf '%s\0' "${todo[@]}" | xargs -0 -r -n 1 -P "$(nproc)" bash -c '
    (( EPOCHSECONDS < deadline )) || exit 0
    out=build/tidy/${1//\//_}
    if clang-tidy --quiet -p build/tidy "$1" >"$out.out" 2>/dev/null; then rm "$out.out"; fi
    touch "$out.done"' bash
  checked=$(find build/tidy -name '*.done' | wc -l)
  if compgen -G 'build/tidy/*.out' >/dev/null; then
    cat build/tidy/*.out | awk '!seen[$0]++'
    failed=1
  fi
  say "clang-tidy: $checked of ${#todo[@]} files"
fi
exit "$failed"
