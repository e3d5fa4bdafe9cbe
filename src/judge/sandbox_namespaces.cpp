// Namespaces and a private root directory.
//
// The process keeps its pid namespace: entering another takes a fork, and the judge follows the worker it spawned by
// pid. Other processes are out of reach by the private root (no /proc of theirs), Landlock and seccomp.
#include "judge/sandbox_layers.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <system_error>

namespace aisp::judge::layers {
namespace {

class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) close(fd_);
  }
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&&) = delete;
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }
void check(long result, const std::string& what) {
  if (result < 0) fail(what);
}

void write_file(const char* path, const std::string& text) {
  const Fd fd(open(path, O_WRONLY | O_CLOEXEC));
  if (!fd || write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) fail(path);
}

// The user stays who it is, now with capabilities over the namespaces that follow and none outside.
model::Protection enter_user_namespace() {
  const std::string name = "user-namespace";
  const auto user = std::to_string(geteuid()), group = std::to_string(getegid());
  if (unshare(CLONE_NEWUSER)) return absent_errno(name, "unshare");
  try {
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", user + " " + user + " 1");
    write_file("/proc/self/gid_map", group + " " + group + " 1");
  } catch (const std::system_error& e) {
    return absent(name, std::string("entered without a user: ") + e.what());
  }
  return present(name);
}

model::Protection enter(const char* name, int flag) {
  return unshare(flag) ? absent_errno(name, "unshare") : present(name);
}

void set_attributes(int tree, const char* path, unsigned flags, std::uint64_t set) {
  mount_attr attributes{};
  attributes.attr_set = set;
  check(mount_setattr(tree, path, flags, &attributes, sizeof attributes), "mount_setattr");
}

// A copy of the mounts at one granted path, made while the old root is still there.
struct Piece {
  std::string path;  // relative to the root
  Fd tree;
  bool directory;
};

std::vector<Piece> clone_pieces(const SandboxSpec& spec) {
  std::vector<Piece> pieces;
  for (const auto& grant : grants(spec)) {
    if (grant.use == Grant::Use::scratch) continue;
    Fd tree(open_tree(AT_FDCWD, grant.path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
    if (!tree && (errno == ENOENT || errno == ENOTDIR || errno == EACCES)) continue;
    if (!tree) fail("open_tree " + grant.path);
    struct stat status {};
    check(fstatat(tree.get(), "", &status, AT_EMPTY_PATH), "fstatat " + grant.path);
    const bool directory = S_ISDIR(status.st_mode);
    // Read-only suits devices too: those can be written on a read-only mount. Only the files of a directory cannot.
    const bool writable = grant.use == Grant::Use::write && directory;
    set_attributes(tree.get(), "", AT_EMPTY_PATH | AT_RECURSIVE,
                   (writable ? 0 : MOUNT_ATTR_RDONLY) | MOUNT_ATTR_NOSUID);
    pieces.push_back({grant.path.substr(1), std::move(tree), directory});
  }
  return pieces;
}

// Makes the empty directory or file to mount on. It may exist already, within a piece mounted before.
void make_place(int root, const std::string& path, bool directory) {
  const auto make_directory = [&](const std::string& part) {
    if (mkdirat(root, part.c_str(), 0755) && errno != EEXIST) fail("mkdir " + part);
  };
  for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
    make_directory(path.substr(0, slash));
  if (directory) return make_directory(path);
  if (faccessat(root, path.c_str(), F_OK, 0) == 0) return;
  const Fd file(openat(root, path.c_str(), O_CREAT | O_RDONLY | O_CLOEXEC, 0644));
  if (!file) fail("create " + path);
}

// The root directory becomes a small tmpfs that holds the granted paths, read-only, and a bounded tmpfs as scratch.
// What else the host has is not only forbidden: it has no name here.
model::Protection enter_private_root(const SandboxSpec& spec) {
  const std::string name = "private-root";
  const std::string stage = "/proc";  // any directory will do: what it hides is cloned before
  bool staged = false;
  try {
    check(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "making mounts private");
    auto pieces = clone_pieces(spec);
    check(mount("aisp", stage.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=755"), "mount tmpfs");
    staged = true;
    const Fd root(open(stage.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root) fail("open the new root");

    std::string scratch;
    for (const auto& grant : grants(spec))
      if (grant.use == Grant::Use::scratch) scratch = grant.path;
    bool scratch_made = scratch.empty();
    const auto make_scratch = [&] {
      make_place(root.get(), scratch.substr(1), true);
      const std::string options = "mode=700,nr_inodes=1024,size=" + std::to_string(64 * spec.file_bytes);
      check(mount("aisp-scratch", (stage + scratch).c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()),
            "mount scratch");
      scratch_made = true;
    };
    for (const auto& piece : pieces) {  // sorted by path, scratch in its turn, so that none hides another
      if (!scratch_made && piece.path > scratch.substr(1)) make_scratch();
      make_place(root.get(), piece.path, piece.directory);
      check(move_mount(piece.tree.get(), "", root.get(), piece.path.c_str(), MOVE_MOUNT_F_EMPTY_PATH),
            "move_mount " + piece.path);
    }
    if (!scratch_made) make_scratch();
    set_attributes(root.get(), "", AT_EMPTY_PATH, MOUNT_ATTR_RDONLY);

    check(fchdir(root.get()), "fchdir");
    check(syscall(SYS_pivot_root, ".", "."), "pivot_root");  // the old root now lies on top of the new one
    check(umount2(".", MNT_DETACH), "leaving the old root");
    check(chdir(scratch.empty() ? "/" : scratch.c_str()), "chdir");
  } catch (const std::system_error& e) {
    if (staged) umount2(stage.c_str(), MNT_DETACH);
    return absent(name, e.what());
  }
  return present(name, "granted paths only; scratch is a tmpfs");
}

}  // namespace

Protections enter_namespaces(const SandboxSpec& spec) {
  Protections all;
  all.push_back(enter_user_namespace());
  all.push_back(enter("net-namespace", CLONE_NEWNET));
  all.push_back(enter("ipc-namespace", CLONE_NEWIPC));
  all.push_back(enter("uts-namespace", CLONE_NEWUTS));
  all.push_back(enter("cgroup-namespace", CLONE_NEWCGROUP));
  all.push_back(enter("mount-namespace", CLONE_NEWNS));
  all.push_back(all.back().present ? enter_private_root(spec) : absent("private-root", "needs a mount namespace"));
  all.push_back(absent("pid-namespace", "not entered: the judge follows this process by its pid"));
  return all;
}

}  // namespace aisp::judge::layers
