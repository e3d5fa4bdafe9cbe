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
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
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

// Maps that leave every id of this namespace what it is: "0 0 4294967295" on most machines.
std::string identity_map(const char* path) {
  std::ifstream outer(path);
  std::string text;
  for (std::uint64_t inside = 0, outside = 0, count = 0; outer >> inside >> outside >> count;)
    text += std::to_string(inside) + ' ' + std::to_string(inside) + ' ' + std::to_string(count) + '\n';
  return text;
}

// Root's capabilities reach the files of other users only where the new namespace knows those users, and only a process
// that stays outside may make more than one user known. This one does so when told to.
class Mapper {
 public:
  Mapper() {
    if (geteuid() != 0) return;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC)) return;
    const Fd wait(ends[0]);
    tell_ = ends[1];
    const auto users = identity_map("/proc/self/uid_map"), groups = identity_map("/proc/self/gid_map");
    const auto proc = "/proc/" + std::to_string(getpid()) + '/';
    child_ = fork();
    if (child_ == 0) {
      close(tell_);
      char told = 0;
      if (read(wait.get(), &told, 1) != 1) _exit(1);
      try {
        write_file((proc + "uid_map").c_str(), users);
        write_file((proc + "gid_map").c_str(), groups);
      } catch (const std::system_error&) {
        _exit(1);
      }
      _exit(0);
    }
  }
  ~Mapper() { end(); }
  Mapper(const Mapper&) = delete;
  Mapper& operator=(const Mapper&) = delete;

  bool map() {
    if (child_ <= 0 || write(tell_, "m", 1) != 1) return false;
    return end() == 0;
  }

 private:
  int end() {
    if (tell_ >= 0) close(tell_);
    tell_ = -1;
    if (child_ <= 0) return -1;
    int status = 0;
    while (waitpid(child_, &status, 0) < 0 && errno == EINTR) {
    }
    child_ = -1;
    return status;
  }

  pid_t child_ = -1;
  int tell_ = -1;
};

// The user stays who it is, now with capabilities over the namespaces that follow and none outside.
model::Protection enter_user_namespace() {
  const std::string name = "user-namespace";
  const auto user = std::to_string(geteuid()), group = std::to_string(getegid());
  Mapper mapper;
  if (unshare(CLONE_NEWUSER)) return absent_errno(name, "unshare");
  if (mapper.map()) return present(name);
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
  Fd tree;           // none: this user may not reach it, which is what opening it has to say
  bool directory;
};

std::vector<Piece> clone_pieces(const std::vector<Grant>& all) {
  std::vector<Piece> pieces;
  for (const auto& grant : all) {
    if (grant.use == Grant::Use::scratch) continue;
    Fd tree(open_tree(AT_FDCWD, grant.path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
    if (!tree && (errno == ENOENT || errno == ENOTDIR)) continue;
    if (!tree && errno == EACCES) {
      pieces.push_back({grant.path.substr(1), Fd(), false});
      continue;
    }
    if (!tree) fail("open_tree " + grant.path);
    struct stat status {};
    check(fstatat(tree.get(), "", &status, AT_EMPTY_PATH), "fstatat " + grant.path);
    const bool directory = S_ISDIR(status.st_mode);
    // Read-only suits devices too: those can be written on a read-only mount. Only the files of a directory cannot.
    const bool writable = (grant.use == Grant::Use::write || grant.use == Grant::Use::output) && directory;
    set_attributes(tree.get(), "", AT_EMPTY_PATH | AT_RECURSIVE,
                   (writable ? 0 : MOUNT_ATTR_RDONLY) | MOUNT_ATTR_NOSUID);
    pieces.push_back({grant.path.substr(1), std::move(tree), directory});
  }
  return pieces;
}

// Makes the empty directory or file to mount on. It may exist already, within a piece mounted before.
void make_place(int root, const std::string& path, bool directory, mode_t mode = 0644) {
  const auto make_directory = [&](const std::string& part) {
    if (mkdirat(root, part.c_str(), 0755) && errno != EEXIST) fail("mkdir " + part);
  };
  for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
    make_directory(path.substr(0, slash));
  if (directory) return make_directory(path);
  if (faccessat(root, path.c_str(), F_OK, 0) == 0) return;
  const Fd file(openat(root, path.c_str(), O_CREAT | O_RDONLY | O_CLOEXEC, mode));
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
    const auto all = grants(spec);  // before anything hides what is asked for here
    const auto pieces = clone_pieces(all);
    check(mount("aisp", stage.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=755"), "mount tmpfs");
    staged = true;
    const Fd root(open(stage.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root) fail("open the new root");

    const auto mount_tmpfs = [&](const std::string& path) {
      make_place(root.get(), path.substr(1), true);
      const auto bytes = path == kSharedMemory ? spec.file_bytes : 64 * spec.file_bytes;
      const std::string options = "mode=700,nr_inodes=1024,size=" + std::to_string(bytes);
      check(mount("aisp-scratch", (stage + path).c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()),
            "mount " + path);
    };
    auto piece = pieces.begin();
    for (const auto& grant : all) {  // parents first, and so in their turn, so that none hides another
      if (grant.use == Grant::Use::scratch) {
        mount_tmpfs(grant.path);
      } else if (piece != pieces.end() && piece->path == grant.path.substr(1)) {
        make_place(root.get(), piece->path, piece->directory, piece->tree ? 0644 : 0);
        if (piece->tree)
          check(move_mount(piece->tree.get(), "", root.get(), piece->path.c_str(), MOVE_MOUNT_F_EMPTY_PATH),
                "move_mount " + piece->path);
        ++piece;
      }
    }
    set_attributes(root.get(), "", AT_EMPTY_PATH, MOUNT_ATTR_RDONLY);

    check(fchdir(root.get()), "fchdir");
    check(syscall(SYS_pivot_root, ".", "."), "pivot_root");  // the old root now lies on top of the new one
    check(umount2(".", MNT_DETACH), "leaving the old root");
    check(chdir(spec.scratch.empty() ? "/" : spec.scratch.c_str()), "chdir");
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
