#!/usr/bin/env bash
# launcher_test.sh SOURCE: what ./aisp does before the binary runs: packages, errors, and the price of a start.
set -euo pipefail
source=$1
work=$(mktemp -d)
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
failed=0
expect() {  # expect WHAT COMMAND...
  local what=$1
  shift
  "$@" || { printf 'launcher_test: %s\n' "$what" >&2; failed=1; }
}

# shellcheck disable=SC2034  # log is read by scripts/build.sh
log=$work/log
: >"$log"
# shellcheck source=scripts/build.sh
source "$source/scripts/build.sh"

# What is there is not asked for again, what is not there is named.
expect "bash counts as missing" test -z "$(missing_packages bash:bash)"
expect "an absent command is not reported" test "$(missing_packages bash:bash no-such-package:no-such-command)" = no-such-package
if command -v dpkg-query >/dev/null; then
  expect "an absent package is not reported" test "$(missing_packages libc6 aisp-no-such-package)" = aisp-no-such-package
fi

# Without root: the exact command, nothing else is tried. setpriv needs root itself; as a user we are there already.
unprivileged=()
((EUID != 0)) || unprivileged=(setpriv --reuid 65534 --clear-groups)
mkdir "$work/bin"
printf '#!/bin/sh\nexit 1\n' >"$work/bin/sudo"  # a sudo that asks for a password
chmod -R a+rX,a+x "$work/bin"
cp "$source/scripts/build.sh" "$work/build.sh"
chmod a+r "$work/build.sh"
status=0
# shellcheck disable=SC2016  # expanded inside
PATH=$work/bin:$PATH "${unprivileged[@]}" bash -c 'log=/dev/null; source "$1"; install_packages bash:bash nowhere:nowhere' \
  bash "$work/build.sh" 2>"$work/err" || status=$?
expect "missing packages without root: exit status $status instead of 2" test "$status" = 2
expect "missing packages without root: no command" \
  grep -q 'sudo apt-get update && sudo apt-get install -y --no-install-recommends nowhere$' "$work/err"

# A failed step: its first error, where the log is, exit 6.
status=0
(logged building bash -c 'echo "[1/9] a"; echo "FAILED: b.o"; echo "b.cpp:1: error: no"; exit 1') 2>"$work/err" || status=$?
expect "a failed build: exit status $status instead of 6" test "$status" = 6
expect "a failed build: its error is not shown" grep -q 'b.cpp:1: error: no' "$work/err"
expect "a failed build: the log is not named" grep -q "building failed (full log: $work/log)" "$work/err"

# When it builds and when not: a clone with as many files as this one, whose binary and build only say that they ran.
clone=$work/clone
mkdir -p "$clone/scripts" "$clone/build/bin"
cp "$source/aisp" "$clone"
cp -r "$source"/{CMakeLists.txt,CMakePresets.json,cmake,include,src,chapters} "$clone"
printf '#!/bin/sh\necho "ran $*"\n' >"$clone/build/bin/aisp"
chmod +x "$clone/build/bin/aisp"
# shellcheck disable=SC2016  # for the script that is written
echo 'build_in() { echo "built ${*:2}"; mkdir -p "$1/bin"; touch "$stamp"; }' >"$clone/scripts/build.sh"
says() {  # says WHAT EXPECTED ARGS...
  local got
  got=$(cd / && "$clone/aisp" "${@:3}" | tr '\n' ';')
  expect "$1: got '$got', expected '$2'" test "$got" = "$2"
}
says "the first start builds" 'built runtime;ran bench run;' bench run
says "the second start only runs" 'ran version --json;' version --json
sleep 0.02  # past the resolution of file times
echo '//' >>"$clone/src/model/evidence.cpp"
says "an edit is built" 'built runtime;ran version;' version
sleep 0.02
rm "$clone/include/aisp/cpu.hpp"
says "a deleted file is built" 'built runtime;ran version;' version
says "a target by name" 'built bench;' build bench
ln -s "$clone/aisp" "$work/link"
expect "not runnable through a link" test "$("$work/link" version)" = "ran version"

# The price of a start: the best of several, so that other load does not count.
best() {
  local least=999999999 start took
  for _ in {1..15}; do
    start=${EPOCHREALTIME/[.,]/}
    "$@" >/dev/null
    took=$((${EPOCHREALTIME/[.,]/} - start))
    ((took >= least)) || least=$took
  done
  echo "$least"
}
added=$(($(best "$clone/aisp" version) - $(best "$clone/build/bin/aisp" version)))
printf 'the launcher adds %d.%d ms to a start\n' "$((added / 1000))" "$((added % 1000 / 100))"
expect "the launcher adds $added us to a start; 50000 are allowed" test "$added" -lt 50000
exit "$failed"
