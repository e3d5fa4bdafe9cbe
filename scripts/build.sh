# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by ./aisp: installs missing packages, configures, builds. Progress goes to stderr, everything that the tools
# print to build/build.log. Expects $root (the repository) and $stamp (see ./aisp).

# Debian and Ubuntu packages, each with what proves it present: a command, or nothing where dpkg has to be asked.
packages_base=(g++:g++ cmake:cmake ninja-build:ninja pkg-config:pkg-config libcli11-dev nlohmann-json3-dev libfmt-dev
  libseccomp-dev libhwloc-dev libsqlite3-dev zlib1g-dev libsodium-dev)
packages_peers=(libopenblas0-pthread)  # libraries that run as contestants: wanted, not required
packages_tests=(libgtest-dev libgmock-dev)
packages_bench=(libbenchmark-dev libtbb-dev)
packages_lint=(clang-format:clang-format clang-tidy:clang-tidy shellcheck:shellcheck)
packages_reference=(doxygen:doxygen)
packages_fuzz=(clang:clang libclang-rt-14-dev)

say() { printf 'aisp: %s\n' "$*" >&2; }

# Prints those of the given packages that are not installed.
missing_packages() {
  local entry ask=() absent=()
  for entry in "$@"; do
    if [[ $entry != *:* ]]; then
      ask+=("$entry")
    elif ! command -v "${entry#*:}" >/dev/null; then
      absent+=("${entry%:*}")
    fi
  done
  if ((${#ask[@]})) && command -v dpkg-query >/dev/null; then
    local installed
    # shellcheck disable=SC2016  # ${...} is dpkg-query's own format
    installed=" $(dpkg-query -W -f '${db:Status-Status}=${Package} ' "${ask[@]}" 2>/dev/null || true)"
    for entry in "${ask[@]}"; do
      [[ $installed == *" installed=$entry "* ]] || absent+=("$entry")
    done
  fi
  ((${#absent[@]} == 0)) || printf '%s\n' "${absent[@]}"
}

# install_packages PACKAGE...: what of them is missing, in one apt-get call; fails with the command when not allowed to.
install_packages() {
  local absent as_root=()
  mapfile -t absent < <(missing_packages "$@")
  ((${#absent[@]})) || return 0
  local flags=(install -y --no-install-recommends "${absent[@]}")
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
      say "${#absent[@]} packages are missing. Install them, then start again:"
      printf '  sudo apt-get update && sudo apt-get %s\n' "${flags[*]}" >&2
      return 2
    fi
    as_root=(sudo -n)
  fi
  if ! command -v apt-get >/dev/null; then
    say "these are missing, by their Debian names: ${absent[*]}. Install them, then start again"
    return 2
  fi
  say "installing ${#absent[@]} packages: ${absent[*]}"
  "${as_root[@]}" apt-get update >>"$log" 2>&1 || say "apt-get update failed; trying the package lists that are here"
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 "${flags[@]}" </dev/null 2>&1 |
    progress; then
    tail -n 15 "$log" >&2
    say "installing packages failed (full log: $log). The command was: apt-get ${flags[*]}"
    return 2
  fi
}

# Copies stdin to the log and shows how far it is: one line that is rewritten on a terminal, else a line at each quarter
# of ninja's steps.
progress() {
  local line step quarter last=0 columns=80 terminal=false
  if [[ -t 2 && ${TERM-dumb} != dumb ]]; then
    terminal=true
    columns=$(tput cols 2>/dev/null || echo 80)
  fi
  while IFS= read -r line; do
    printf '%s\n' "$line"
    if [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
      step=${BASH_REMATCH[1]}
      quarter=$((4 * step / BASH_REMATCH[2]))
      if ! $terminal && ((quarter > last && BASH_REMATCH[2] > 4)); then
        say "built $step of ${BASH_REMATCH[2]} steps"
        last=$quarter
      fi
    fi
    if $terminal; then
      line="aisp: $line"
      printf '\r\033[K%s' "${line:0:columns-1}" >&2
    fi
  done >>"$log"
  if $terminal; then printf '\r\033[K' >&2; fi
}

# logged WHAT COMMAND...: runs it under progress; on failure shows the first errors and exits 6.
logged() {
  local what=$1
  shift
  if ! "$@" </dev/null 2>&1 | progress; then
    # ninja puts the output of a failed step behind FAILED:, cmake its complaint behind CMake Error
    { grep -m 1 -A 30 -E '^FAILED:|^CMake Error' "$log" || tail -n 30 "$log"; } >&2
    say "$what failed (full log: $log)"
    exit 6
  fi
}

# build_in DIR [--tests] TARGET...: brings the targets in DIR up to date. Waits when another build is running there.
build_in() {
  local dir=$1 tests=OFF cached='' lock
  shift
  mkdir -p "$dir"
  log=$dir/build.log
  exec {lock}>"$dir/.lock"
  if ! flock -n "$lock"; then
    say "waiting for another build in $dir"
    flock "$lock"
  fi
  : >"$log"

  local packages=("${packages_base[@]}")
  if [[ $1 == --tests ]]; then
    shift
    tests=ON
    packages+=("${packages_tests[@]}")
  fi
  [[ " $* " != *" bench "* ]] || packages+=("${packages_bench[@]}")
  # Peers come along when something is installed anyway, or at the first build when that needs no password.
  if [[ -n $(missing_packages "${packages[@]}") ]]; then
    install_packages "${packages[@]}" "${packages_peers[@]}" || exit 2
  elif ((EUID == 0)) && [[ ! -e $dir/build.ninja ]]; then
    install_packages "${packages_peers[@]}" || say "going on without ${packages_peers[*]}"
  fi

  touch "$dir/.reading"
  [[ ! -e $dir/CMakeCache.txt ]] || cached=$(sed -n 's/^AISP_TESTS:BOOL=//p' "$dir/CMakeCache.txt")
  # Tests once asked for stay configured, so that building and testing in turn does not configure each time.
  if [[ ! -e $dir/build.ninja || ($tests == ON && $cached != ON) ]]; then
    say "configuring in $dir"
    logged configuring cmake -S "$root" --preset release -B "$dir" -DAISP_TESTS="$tests"
  fi
  [[ -e $stamp ]] || say "building with $(nproc) processes; the first time takes minutes (log: $log)"
  NINJA_STATUS='[%f/%t] ' logged building ninja -C "$dir" "$@"
  [[ " $* " != *" runtime "* && " $* " != *" all "* ]] || mv "$dir/.reading" "$stamp"
  exec {lock}>&-
}
