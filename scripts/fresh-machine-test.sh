#!/usr/bin/env bash
# fresh-machine-test.sh [--suite NAME] [--from DIR] [--cores N] [--keep] [-- ARGS...]
#
# Measures what a newcomer waits: from a clone to the table of `./aisp bench run` (or `./aisp ARGS`) on a machine with
# nothing but bash, git and apt. The machine is a minimal Debian in a chroot below /var/tmp, made by debootstrap with
# the package sources of this host, or a copy of one in DIR; it is removed afterwards. Then checks that a second start is quick, that the
# binaries run in a chroot without any development package, and that an edit is noticed. Needs root and debootstrap.
set -euo pipefail

suite=bookworm from='' cores=2 keep=false
arguments=(bench run)
while (($#)); do
  case $1 in
    --suite) suite=$2; shift 2 ;;
    --from) from=$2; shift 2 ;;
    --cores) cores=$2; shift 2 ;;
    --keep) keep=true; shift ;;
    --) shift; arguments=("$@"); break ;;
    *) printf 'usage: %s [--suite NAME] [--from DIR] [--cores N] [--keep] [-- ARGS...]\n' "$0" >&2; exit 2 ;;
  esac
done
((EUID == 0)) || { echo "fresh-machine-test: needs root, for debootstrap and chroot" >&2; exit 2; }
command -v debootstrap >/dev/null || { echo "fresh-machine-test: apt-get install debootstrap" >&2; exit 2; }

root=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
work=$(mktemp -d /var/tmp/aisp-fresh-XXXXXX)
machine=$work/machine bare=$work/bare
# shellcheck disable=SC2317  # called by trap
clean_up() {
  local mounted
  for mounted in "$machine"/dev "$machine"/sys "$machine"/proc "$bare"/dev "$bare"/sys "$bare"/proc; do
    mountpoint -q "$mounted" && umount -l "$mounted"
  done
  $keep || rm -rf "$work"
}
trap clean_up EXIT

step() { printf '== %s\n' "$*"; }
mount_into() {
  mount -t proc proc "$1/proc"
  mount --rbind /sys "$1/sys" && mount --make-rslave "$1/sys"
  mount --rbind /dev "$1/dev" && mount --make-rslave "$1/dev"
}
inside() {
  local where=$1
  shift
  taskset -c "$(seq -s, 0 $((cores - 1)))" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/srv LANG=C.UTF-8 TERM=dumb \
    chroot "$where" "$@"
}

# shellcheck disable=SC2016  # $(SITE) is for apt-get
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' "Codename: $suite" 2>/dev/null | head -n 1)
if [[ -n $from ]]; then
  cp -a "$from" "$machine"
else
  step "debootstrap $suite (not counted)"
  debootstrap --variant=minbase --include=git "$suite" "$machine" "${mirror:-http://deb.debian.org/debian}" \
    >"$work/debootstrap.log" 2>&1 || { tail -n 20 "$work/debootstrap.log" >&2; exit 1; }
fi
cp -a "$machine" "$bare"
# Reach the packages as this host does: its proxy and DNS settings, for this chroot only.
for path in /etc/resolv.conf /etc/hosts /etc/ssl/certs; do
  mkdir -p "$machine${path%/*}"
  [[ ! -e $path ]] || cp -rL "$path" "$machine${path%/*}"
done
apt-config dump | grep -E '^Acquire::(http|https|Retries|ForceIPv4)' >"$machine/etc/apt/apt.conf.d/90host" || true
rm -rf "$machine"/var/lib/apt/lists/*
mount_into "$machine"

step "clone"
git clone -q --no-local "$root" "$work/clone.git"
mv "$work/clone.git" "$machine/srv/aisp"

step "./aisp ${arguments[*]}"
TIMEFORMAT="from a clone to the end of ./aisp ${arguments[*]}: %R s on $cores cores (%U s + %S s of CPU time)"
time inside "$machine" bash -c 'cd /srv/aisp && exec ./aisp "$@"' bash "${arguments[@]}" ||
  (($? == 1))  # a speedup that was not met on this machine is a result too

step "second start"
# shellcheck disable=SC2016  # expanded inside
inside "$machine" bash -c 'cd /srv/aisp
  time_of() { local start=$EPOCHREALTIME; for _ in 1 2 3 4 5 6 7 8 9 10; do "$@" >/dev/null; done
              echo "$(( (${EPOCHREALTIME/./} - ${start/./}) / 10 ))"; }
  launcher=$(time_of ./aisp version) binary=$(time_of build/bin/aisp version)
  echo "the launcher adds $(( (launcher - binary) / 1000 )).$(( (launcher - binary) % 1000 / 100 )) ms"
  (( launcher - binary < 50000 ))'

step "an edit is built, and nothing else"
inside "$machine" bash -c 'cd /srv/aisp && touch src/model/evidence.cpp && ./aisp version && ./aisp version' 2>&1

step "installed tree on a machine without development packages"
inside "$machine" cmake --install /srv/aisp/build --prefix /opt/aisp >/dev/null
cp -a "$machine/opt/aisp" "$bare/opt/aisp"
mount_into "$bare"
inside "$bare" bash -c 'cd /tmp && /opt/aisp/bin/aisp version && /opt/aisp/bin/aisp bench list-targets | head -n 3'
step "done"
