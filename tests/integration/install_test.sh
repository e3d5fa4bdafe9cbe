#!/usr/bin/env bash
# install_test.sh SOURCE BUILD: installs BUILD below a temporary folder, moves it, and uses it as a stranger would:
# builds the examples of docs/ with find_package(aisp) and judges them with the installed aisp.
set -euo pipefail
source=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  printf 'install_test: %s\n' "$*" >&2
  exit 1
}

cmake --install "$build" --prefix "$work/staged" >"$work/log" 2>&1 || { cat "$work/log"; fail "cmake --install failed"; }
mv "$work/staged" "$work/prefix"  # nothing may remember where it was installed
for path in bin/aisp libexec/aisp/aisp-worker lib/aisp/workloads/ch09.so lib/aisp/variants/ch09.so \
  share/aisp/targets.json include/aisp/variant.hpp include/aisp/plugin.h lib/cmake/aisp/aispConfig.cmake; do
  [[ -e $work/prefix/$path ]] || fail "$path is not installed"
done
if grep -rIlF -e "$source" -e "$build" "$work/prefix"; then
  fail "these installed text files name the source or build folder"
fi

cp -r "$source/docs/examples" "$work/examples"
for example in own-kernel plain-c; do
  { cmake -S "$work/examples/$example" -B "$work/$example" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" &&
    cmake --build "$work/$example"; } >"$work/log" 2>&1 || { cat "$work/log"; fail "docs/examples/$example does not build"; }
done
nm -D --defined-only "$work/own-kernel/online.so" | grep -q aisp_plugin_v1 || fail "online.so exports no plugin"

cd "$work"
aisp=$work/prefix/bin/aisp
"$aisp" version | grep -q '[0-9]' || fail "aisp version prints no version"
# Not grep -q, which closes the pipe at the first match, while aisp still writes.
"$aisp" bench list-targets | grep 'ch09:softmax' >/dev/null || fail "the installed aisp does not list ch09:softmax"

# Kernels alone: the installed headers, plugin and worker compile the example; what is left to miss is a GPU.
if [[ -e $build/lib/aisp/variants/nvrtc.so ]]; then
  CUDACXX=nvrtc "$aisp" judge "$work/examples/kernel-alone/copy_wide.cu" --workload ch07:copy_vectorized \
    --pairs 6 --restarts 1 >"$work/log" 2>&1 || true
  grep -qE 'copy_wide|--device cuda:|libnvrtc.so is not found' "$work/log" || { cat "$work/log"; fail "aisp judge copy_wide.cu got nowhere"; }
  if grep -q 'does not compile' "$work/log"; then cat "$work/log"; fail "copy_wide.cu does not compile"; fi
fi

# Expectations lie beside the installed chapters. A busy machine (4) leaves nothing to expect.
status=0
"$aisp" bench run --targets ch09:softmax --pairs 6 --restarts 1 --update-expectations >"$work/log" 2>&1 || status=$?
((status <= 1 || status == 4)) || { cat "$work/log"; fail "aisp bench run ended with exit status $status"; }
if ((status <= 1)); then
  compgen -G "$work/prefix/share/aisp/chapters/ch09/expectations_*.json" >/dev/null || fail "no expectations were written"
  "$aisp" bench expectations | grep 'ch09:softmax' >/dev/null || fail "bench expectations does not list what was written"
fi

# A verdict is what counts here, not which one: 0 is as expected, 1 a claim not met on this machine.
"$aisp" --help | grep -qw judge || exit 0  # a build without the command
for plugin in own-kernel/online.so plain-c/plain_c.so; do
  status=0
  "$aisp" judge "$plugin" --workload ch09:softmax --json >"$work/judged.json" 2>"$work/log" || status=$?
  ((status <= 1)) || { cat "$work/log"; grep -A 8 '"violations"' "$work/judged.json"; fail "aisp judge $plugin ended with exit status $status"; }
  grep -q ch09:softmax "$work/judged.json" || fail "aisp judge $plugin --json does not name its target"
done
