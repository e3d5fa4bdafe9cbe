#include "record/run_store.hpp"

#include "record/file.hpp"
#include "record/json.hpp"
#include "record/store_error.hpp"
#include "record/targets.hpp"
#include "record/text.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <optional>
#include <sstream>

namespace aisp::record {
namespace {
namespace fs = std::filesystem;

constexpr std::int64_t kSettled = 100'000'000;                    // nanoseconds
constexpr std::string_view kIdPattern = "ddddddddTddddddZ-xxxx";  // d: decimal digit, x: lower-case hex digit

bool fits_id(std::string_view text, std::size_t length) {
  if (text.size() != length || length > kIdPattern.size()) return false;
  for (std::size_t i = 0; i < length; ++i) {
    const char p = kIdPattern[i], c = text[i];
    const bool digit = c >= '0' && c <= '9', hex = digit || (c >= 'a' && c <= 'f');
    if (p == 'd' ? !digit : p == 'x' ? !hex : c != p) return false;
  }
  return true;
}

std::string new_id() {
  std::uint16_t tail = 0;
  if (::getrandom(&tail, sizeof tail, 0) != sizeof tail) throw StoreError("cannot read random bytes");
  const auto now = std::time(nullptr);
  std::tm t{};
  ::gmtime_r(&now, &t);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z-{:04x}", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour,
                     t.tm_min, t.tm_sec, tail);
}

void make_folder(const fs::path& path, unsigned mode = 0755) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
    throw StoreError(fmt::format("cannot create {}: {}", path.string(), std::strerror(errno)));
}

struct FolderLock {
  Descriptor folder;
  bool held_elsewhere = false;  // by another process
  bool known = true;            // false: the file system has no locks (some network ones), so nobody can tell
};

// Locks a run's folder for as long as the descriptor lives.
FolderLock lock_folder(const fs::path& path) {
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) throw StoreError(fmt::format("cannot open {}: {}", path.string(), std::strerror(errno)));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return {std::move(fd)};
  return {std::move(fd), errno == EWOULDBLOCK, errno == EWOULDBLOCK};
}

template <class Parse> auto load_file(const fs::path& file, Parse parse) {
  const auto text = read_whole(file);
  try {
    return parse(text);
  } catch (const std::runtime_error& e) {
    throw StoreError(file.string() + ": " + e.what());
  }
}

// The facts of a file of a run; nothing when it is not there or something else than `kind` (S_IFREG, S_IFDIR).
std::optional<struct stat> facts_of(int home, const std::string& path, mode_t kind) {
  struct stat facts {};
  if (::fstatat(home, path.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0 || (facts.st_mode & S_IFMT) != kind) return {};
  return facts;
}

// Calls `visit(id, folder's descriptor)` for every folder below `home` that has the name of a run, in no order.
// Thousands of runs are listed at every `summary`, hence no paths and no more system calls than are needed.
void each_run(const fs::path& home, const auto& visit) {
  std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(home.c_str()), ::closedir);
  while (const auto* entry = folder ? ::readdir(folder.get()) : nullptr)
    if (is_run_id(entry->d_name) &&
        (entry->d_type == DT_DIR ||
         (entry->d_type == DT_UNKNOWN && facts_of(::dirfd(folder.get()), entry->d_name, S_IFDIR))))
      visit(std::string(entry->d_name), ::dirfd(folder.get()));
}

std::int64_t nanoseconds(const timespec& t) { return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec; }

// Injective, because neither names nor parts of chapters hold '.' or begin with '_'.
std::string file_name(const std::string& target) {
  if (!is_target_name(target)) throw StoreError("'" + shown(target) + "' is not a target name");
  const auto colon = target.find(':');
  std::string name;
  for (char c : target.substr(0, colon)) name += c == '/' ? "." : c == '_' ? "__" : std::string(1, c);
  return name + "_" + target.substr(colon + 1);
}

std::uint64_t bytes_below(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->symlink_status(error).type() == fs::file_type::regular) bytes += it->file_size(error);
  return bytes;
}

// Whether nobody will write a run's folder any more, as its manifest says.
bool is_over(const fs::path& path) {
  try {
    return !load_file(path / "manifest.json", parse_manifest).finished.empty();
  } catch (const StoreError&) {
    return false;
  }
}

RunData load_folder(const fs::path& path) {
  RunData run;
  run.path = path;
  run.manifest = load_file(path / "manifest.json", parse_manifest);
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator it(path / "targets", error), end; !error && it != end; it.increment(error))
    files.push_back(it->path());
  std::sort(files.begin(), files.end());
  const auto check = [](const fs::path& file, const std::string& target) {
    if (!is_target_name(target) || !file.filename().string().starts_with(file_name(target) + "."))
      throw StoreError(file.string() + ": holds another target than its name says");
  };
  for (const auto& file : files) {
    const auto name = file.filename().string();
    if (name.ends_with(".evidence.json"))
      check(file, run.evidence.emplace_back(load_file(file, parse_evidence)).target);
    else if (name.ends_with(".verdict.json"))
      check(file, run.verdicts.emplace_back(load_file(file, parse_verdict)).target);
  }
  const auto place = [&](const auto& x) {
    const auto& order = run.manifest.settings.targets;
    return std::find(order.begin(), order.end(), x.target) - order.begin();
  };
  const auto earlier = [&](const auto& a, const auto& b) { return place(a) < place(b); };
  std::stable_sort(run.evidence.begin(), run.evidence.end(), earlier);
  std::stable_sort(run.verdicts.begin(), run.verdicts.end(), earlier);
  return run;
}

}  // namespace

bool is_run_id(std::string_view text) { return fits_id(text, kIdPattern.size()); }

// ------------------------------------------------------------------------------------------------------------- Run

Run::Run(fs::path home, const std::string& id) : home_(std::move(home)), path_(home_ / id) {}

fs::path Run::file_of(const std::string& target, const char* kind) const {
  return path_ / "targets" / (file_name(target) + "." + kind + ".json");
}

void Run::save_manifest() const { write_atomically(path_ / "manifest.json", to_json(manifest_)); }

void Run::save_secrets() const {
  auto text = seed_ + "\n";
  for (const auto& [target, seed] : target_seeds_) text += target + " " + seed + "\n";
  write_atomically(home_ / ".secrets" / manifest_.run, text, 0600);
}

void Run::load_secrets() {
  const auto file = home_ / ".secrets" / manifest_.run;
  std::istringstream lines(read_whole(file, 1u << 20));
  std::getline(lines, seed_);
  const auto is_seed = [](const std::string& s) {
    return !s.empty() && s.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  };
  bool ok = is_seed(seed_);
  for (std::string target, seed; lines >> target >> seed;) {
    ok &= is_target_name(target) && is_seed(seed);
    target_seeds_[target] = seed;
  }
  if (!ok) throw StoreError(file.string() + ": is damaged; the run cannot be continued");
}

void Run::save(const model::TargetEvidence& evidence) {
  std::error_code error;
  fs::remove(file_of(evidence.target, "verdict"), error);
  complete_.erase(evidence.target);
  if (!evidence.seed.empty() && target_seeds_[evidence.target] != evidence.seed) {
    target_seeds_[evidence.target] = evidence.seed;
    save_secrets();
  }
  auto published = evidence;
  published.seed.clear();
  write_atomically(file_of(evidence.target, "evidence"), to_json(published));
  saved_.insert(evidence.target);
  if (evidence.interrupted)
    interrupted_.insert(evidence.target);
  else
    interrupted_.erase(evidence.target);
}

void Run::save(const model::TargetVerdict& verdict) {
  if (!saved_.contains(verdict.target))
    throw std::logic_error("the verdict on " + verdict.target + " comes before its evidence");
  write_atomically(file_of(verdict.target, "verdict"), to_json(verdict));
  if (!interrupted_.contains(verdict.target)) complete_.insert(verdict.target);
}

void Run::save_report(std::string_view markdown) { write_atomically(path_ / "report.md", markdown); }

void Run::save_expectations(std::string_view json) { write_atomically(path_ / "expectations.json", json); }

void Run::cite_calibration(const std::string& citation) {
  manifest_.calibration = citation;
  save_manifest();
}

void Run::suspend() {
  manifest_.interrupted = true;
  save_manifest();
}

void Run::finish(bool publishable, std::vector<std::string> unpublishable_reasons, bool interrupted) {
  for (const auto& [target, seed] : target_seeds_) {
    if (!saved_.contains(target)) continue;  // died between its seed and its evidence
    const auto file = file_of(target, "evidence");
    auto evidence = load_file(file, parse_evidence);
    evidence.seed = seed;
    write_atomically(file, to_json(evidence));
  }
  manifest_.seed = seed_;
  manifest_.finished = utc_now();
  manifest_.interrupted = interrupted;
  manifest_.publishable = publishable;
  manifest_.unpublishable_reasons = std::move(unpublishable_reasons);
  save_manifest();
  std::error_code error;
  fs::remove(home_ / ".secrets" / manifest_.run, error);
}

// -------------------------------------------------------------------------------------------------------- RunStore

fs::path RunStore::choose_home(const std::string& flag) {
  if (!flag.empty()) return flag;
  if (const char* home = std::getenv("AISP_HOME"); home && *home) return home;
  return "artifacts";
}

Run RunStore::create(Manifest manifest, std::string seed_hex) const {
  try {
    make_folder(home_);
    make_folder(home_ / ".secrets", 0700);
    for (;;) {
      manifest.run = new_id();
      Run run(home_, manifest.run);
      if (::mkdir(run.path_.c_str(), 0755) != 0) {
        if (errno == EEXIST) continue;  // another run of this second drew the same tail
        throw StoreError(fmt::format("cannot create {}: {}", run.path_.string(), std::strerror(errno)));
      }
      run.lock_ = lock_folder(run.path_).folder;
      run.manifest_ = std::move(manifest);
      run.manifest_.seed.reset();
      run.seed_ = std::move(seed_hex);
      try {
        make_folder(run.path_ / "targets");
        run.save_secrets();
        run.save_manifest();
      } catch (...) {
        std::error_code error;
        fs::remove_all(run.path_, error);
        throw;
      }
      return run;
    }
  } catch (const StoreError& e) {
    throw StoreError(std::string(e.what()) + "; choose another folder with --artifacts-dir or AISP_HOME");
  }
}

Run RunStore::resume(const std::string& name) const {
  const auto path = find(name);
  Run run(path.has_parent_path() ? path.parent_path() : ".", path.filename().string());
  auto lock = lock_folder(path);
  const auto id = path.filename().string();
  if (lock.held_elsewhere) throw StoreError("run " + id + " is still being written by another process");
  run.lock_ = std::move(lock.folder);
  const auto data = load_folder(path);
  run.manifest_ = data.manifest;
  if (run.manifest_.run != id) throw StoreError("run " + id + " calls itself " + shown(run.manifest_.run));
  if (!run.manifest_.finished.empty())
    throw StoreError("run " + id +
                     (run.manifest_.interrupted ? " was interrupted for good; run its command again"
                                                : " is complete; there is nothing to resume"));
  run.load_secrets();
  for (const auto& e : data.evidence) {
    run.saved_.insert(e.target);
    if (e.interrupted)
      run.interrupted_.insert(e.target);
    else if (data.verdict_of(e.target))
      run.complete_.insert(e.target);
  }
  return run;
}

std::vector<std::string> RunStore::runs() const {
  std::vector<std::string> ids;
  each_run(home_, [&](std::string id, int home) {
    if (facts_of(home, id + "/manifest.json", S_IFREG)) ids.push_back(std::move(id));
  });
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::vector<RunStamp> RunStore::stamps() const {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  std::vector<RunStamp> stamps;
  each_run(home_, [&](std::string id, int home) {
    const auto manifest = facts_of(home, id + "/manifest.json", S_IFREG);
    if (!manifest) return;
    const auto targets = facts_of(home, id + "/targets", S_IFDIR);  // changes with every file that is replaced in it
    const auto written = nanoseconds(manifest->st_mtim), replaced = targets ? nanoseconds(targets->st_mtim) : 0;
    // Two changes within one tick of the file system's clock look like one.
    const bool settled = nanoseconds(now) - std::max(written, replaced) > kSettled;
    auto stamp = settled ? fmt::format("{} {} {}", written, manifest->st_size, replaced) : "";
    stamps.push_back({std::move(id), std::move(stamp)});
  });
  std::sort(stamps.begin(), stamps.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return stamps;
}

fs::path RunStore::find(const std::string& name) const {
  if (name.find('/') != std::string::npos) {
    auto path = fs::path(name).lexically_normal();
    if (!path.has_filename()) path = path.parent_path();  // "artifacts/<run>/"
    std::error_code error;
    if (fs::is_regular_file(path / "manifest.json", error)) return path;
    throw StoreError("no run in " + shown(name, 200) + ": it has no manifest.json");
  }
  std::error_code error;
  if (is_run_id(name) && fs::symlink_status(home_ / name, error).type() == fs::file_type::directory &&
      fs::symlink_status(home_ / name / "manifest.json", error).type() == fs::file_type::regular)
    return home_ / name;
  const auto ids = runs();
  const auto listing = home_.string() + " (`aisp bench summary` lists them)";
  if (name == "latest") {
    if (ids.empty()) throw StoreError("no runs in " + home_.string() + "; `aisp bench run` makes one");
    return home_ / ids.back();
  }
  if (name.empty() || !fits_id(name, name.size()))
    throw StoreError("'" + shown(name) + "' is not a run id; one looks like 20261121T054500Z-1a2b");
  std::vector<std::string> matches;
  for (const auto& id : ids)
    if (id.starts_with(name)) matches.push_back(id);
  if (matches.empty()) throw StoreError("no run '" + name + "' in " + listing);
  if (matches.size() > 1) {
    const auto count = matches.size();
    matches.resize(std::min<std::size_t>(count, 4));
    throw StoreError(
        fmt::format("'{}' fits {} runs: {}{}", name, count, fmt::join(matches, ", "), count > 4 ? ", …" : ""));
  }
  return home_ / matches[0];
}

RunData RunStore::load(const std::string& name) const { return load_folder(find(name)); }

Cleaned RunStore::clean(bool dry_run) const {
  Cleaned cleaned;
  for (const auto& id : runs()) {
    const auto lock = lock_folder(home_ / id);
    if (lock.held_elsewhere || (!lock.known && !is_over(home_ / id))) {
      cleaned.in_use.push_back(id);
      continue;
    }
    const auto bytes = bytes_below(home_ / id);
    if (!dry_run) {
      std::error_code error;
      fs::remove_all(home_ / id, error);  // does not follow links
      if (error) throw StoreError(fmt::format("cannot remove {}: {}", (home_ / id).string(), error.message()));
      fs::remove(home_ / ".secrets" / id, error);
    }
    cleaned.bytes += bytes;
    cleaned.runs.push_back(id);
  }
  return cleaned;
}

}  // namespace aisp::record
