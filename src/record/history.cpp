#include "record/history.hpp"

#include "record/store_error.hpp"
#include "record/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <thread>

namespace aisp::record {
namespace {
namespace fs = std::filesystem;

constexpr std::int64_t kApplication = 0x61697370;  // "aisp", in the file's header
constexpr int kAttempts = 50;
constexpr int kChunk = 100;  // runs taken up in one transaction

// Step n brings a file of version n to version n + 1. Steps are never changed once they were released.
constexpr const char* kMigrations[] = {R"(
  CREATE TABLE run(
    id TEXT PRIMARY KEY, stamp TEXT NOT NULL, started TEXT, finished TEXT, interrupted INT, publishable INT, scale TEXT,
    host TEXT, gpu TEXT, aisp_version TEXT, git_commit TEXT,
    targets INT, fast INT, slow INT, same INT, unresolved INT, wrong INT, violating INT, failed INT, errors INT,
    timed_calls INT, verified_calls INT, mean_speedup REAL) WITHOUT ROWID;
  CREATE TABLE target(
    run TEXT, place INT, name TEXT, device TEXT, scale TEXT, params TEXT, started TEXT, error INT, judged INT,
    publishable INT, failed INT, timed_calls INT, verified_calls INT, PRIMARY KEY(run, place)) WITHOUT ROWID;
  CREATE TABLE result(
    run TEXT, target INT, place INT, variant TEXT, peer INT, status TEXT, correct INT, violates INT, word TEXT,
    speedup REAL, speedup_low REAL, speedup_high REAL, seconds REAL, seconds_low REAL, seconds_high REAL,
    sol REAL, bound TEXT, pairs INT, PRIMARY KEY(run, target, place)) WITHOUT ROWID;
  CREATE INDEX target_by_name ON target(name);)"};
constexpr auto kVersion = std::int64_t{std::size(kMigrations)};

void migrate(Database& db, const std::string& name) {
  const auto version = [&] { return db.integer("PRAGMA user_version"); };
  const auto check = [&](std::int64_t found) {
    const auto application = db.integer("PRAGMA application_id");
    if (application != kApplication && (found != 0 || db.integer("SELECT count(*) FROM sqlite_schema") != 0))
      throw StoreError(name + ": is a database of another program");
    if (found < 0 || found > kVersion)
      throw StoreError(
          fmt::format("{}: is of a newer aisp (history version {}; this one knows {})", name, found, kVersion));
  };
  check(version());
  if (version() == kVersion) return;
  Transaction transaction(db);
  check(version());  // another process may have been faster
  for (auto v = version(); v < kVersion; ++v) db.execute(kMigrations[v]);
  db.execute(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplication, kVersion).c_str());
  transaction.commit();
}

model::Word word_from(const std::string& text) {
  for (auto w : {model::Word::fast, model::Word::slow, model::Word::same})
    if (text == to_string(w)) return w;
  return model::Word::unresolved;
}

constexpr const char* kRunColumns =
    "id, started, finished, interrupted, publishable, scale, host, gpu, aisp_version, git_commit, targets, fast, slow, "
    "same, unresolved, wrong, violating, failed, errors, timed_calls, verified_calls, mean_speedup";

StoredRun run_from(const Statement& row) {
  const auto count = [&](int column) { return static_cast<int>(row.integer(column)); };
  const auto calls = [&](int column) { return static_cast<std::uint64_t>(row.integer(column)); };
  return {.run = row.text(0),
          .started = row.text(1),
          .finished = row.text(2),
          .interrupted = row.integer(3) != 0,
          .publishable = row.integer(4) != 0,
          .scale = row.text(5),
          .host = row.text(6),
          .gpu = row.text(7),
          .aisp_version = row.text(8),
          .commit = row.text(9),
          .summary = {.targets = count(10),
                      .fast = count(11),
                      .slow = count(12),
                      .same = count(13),
                      .unresolved = count(14),
                      .wrong = count(15),
                      .violating = count(16),
                      .failed = count(17),
                      .errors = count(18),
                      .timed_calls = calls(19),
                      .verified_calls = calls(20),
                      .mean_speedup = row.number(21)},
          .targets = {}};
}

// Qualified, because they are read in joins; the first column is `from` of the row.
constexpr const char* kTargetColumns =
    "target.name, target.device, target.scale, target.params, target.started, target.error, target.judged, "
    "target.publishable, target.failed, target.timed_calls, target.verified_calls";
constexpr int kTargetWidth = 11;

StoredTarget target_from(const Statement& row, int from) {
  return {.target = row.text(from),
          .device = row.text(from + 1),
          .scale = row.text(from + 2),
          .params = row.text(from + 3),
          .started = row.text(from + 4),
          .error = row.integer(from + 5) != 0,
          .judged = row.integer(from + 6) != 0,
          .publishable = row.integer(from + 7) != 0,
          .failed = static_cast<int>(row.integer(from + 8)),
          .timed_calls = static_cast<std::uint64_t>(row.integer(from + 9)),
          .verified_calls = static_cast<std::uint64_t>(row.integer(from + 10)),
          .variants = {}};
}

constexpr const char* kResultColumns =
    "result.variant, result.peer, result.status, result.correct, result.violates, result.word, result.speedup, "
    "result.speedup_low, result.speedup_high, result.seconds, result.seconds_low, result.seconds_high, result.sol, "
    "result.bound, result.pairs";

StoredVariant variant_from(const Statement& row, int from) {
  return {.name = row.text(from),
          .peer = row.integer(from + 1) != 0,
          .status = model::status_from(row.text(from + 2)).value_or(model::Status::failed),
          .correct = row.integer(from + 3) != 0,
          .violates = row.integer(from + 4) != 0,
          .word = word_from(row.text(from + 5)),
          .speedup = row.number(from + 6),
          .speedup_interval = {row.number(from + 7), row.number(from + 8)},
          .median_seconds = row.number(from + 9),
          .median_interval = {row.number(from + 10), row.number(from + 11)},
          .sol = row.number(from + 12),
          .bound = row.text(from + 13),
          .pairs = static_cast<int>(row.integer(from + 14))};
}

}  // namespace

History::History(const fs::path& file) : db_(file) {
  const auto prepare = [&] {
    // Readers never wait for a writer; where a file system cannot do that, the mode that stays is as safe.
    if (db_.text("PRAGMA journal_mode") != "wal") db_.execute("PRAGMA journal_mode = WAL");
    db_.execute("PRAGMA synchronous = FULL");  // what was committed survives a power failure
    migrate(db_, file.string());
  };
  // SQLite does not wait where two might wait for each other: for the change of mode of a new file, and when a process
  // that died left work to be recovered.
  for (int attempt = 0;; ++attempt) try {
      prepare();
      break;
    } catch (const DatabaseBusy&) {
      if (attempt == kAttempts) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(10 + attempt));
    }
}

History History::open(const fs::path& home) { return History(file(home)); }
History History::in_memory() { return History(":memory:"); }

History History::copy(const fs::path& home) {
  auto history = in_memory();
  history.db_.copy_from(file(home));
  migrate(history.db_, file(home).string());
  return history;
}

fs::path History::set_aside(const fs::path& home) {
  const auto path = file(home);
  std::error_code error;
  if (!fs::exists(path, error)) return {};
  try {
    auto history = open(home);
    if (const auto found = history.db_.text("PRAGMA integrity_check"); found != "ok")
      throw StoreError(path.string() + ": " + shown(found));
    return {};
  } catch (const StoreError&) {
    auto aside = path;
    aside += ".damaged";
    for (const char* part : {"", "-wal", "-shm"}) {
      fs::rename(path.string() + part, aside.string() + part, error);
      if (error && !*part)
        throw StoreError(fmt::format("cannot move {} out of the way: {}", path.string(), error.message()));
    }
    return aside;
  }
}

void History::put(const StoredRun& run) {
  Transaction transaction(db_);
  write(run, "");  // its folder is still changing
  transaction.commit();
}

void History::write(const StoredRun& r, const std::string& stamp) {
  for (const char* sql : {"DELETE FROM result WHERE run = ?", "DELETE FROM target WHERE run = ?"})
    Statement(db_, sql).bind(r.run).run();
  const auto& s = r.summary;
  Statement(db_, "INSERT OR REPLACE INTO run VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
      .bind(r.run, stamp, r.started, r.finished, r.interrupted, r.publishable, r.scale, r.host, r.gpu, r.aisp_version,
            r.commit, s.targets, s.fast, s.slow, s.same, s.unresolved, s.wrong, s.violating, s.failed, s.errors,
            s.timed_calls, s.verified_calls, s.mean_speedup)
      .run();
  Statement target(db_, "INSERT INTO target VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)");
  Statement result(db_, "INSERT INTO result VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  for (std::size_t i = 0; i < r.targets.size(); ++i) {
    const auto& t = r.targets[i];
    target
        .bind(r.run, i, t.target, t.device, t.scale, t.params, t.started, t.error, t.judged, t.publishable, t.failed,
              t.timed_calls, t.verified_calls)
        .run();
    for (std::size_t k = 0; k < t.variants.size(); ++k) {
      const auto& v = t.variants[k];
      result
          .bind(r.run, i, k, v.name, v.peer, to_string(v.status), v.correct, v.violates, to_string(v.word), v.speedup,
                v.speedup_interval.lo, v.speedup_interval.hi, v.median_seconds, v.median_interval.lo,
                v.median_interval.hi, v.sol, v.bound, v.pairs)
          .run();
    }
  }
}

History::Synced History::sync(const RunStore& store, bool all, const std::function<void(int, int)>& progress) {
  std::map<std::string, std::string> known;
  for (Statement row(db_, "SELECT id, stamp FROM run"); row.step();) known[row.text(0)] = row.text(1);
  std::vector<RunStamp> todo;
  Synced synced;
  for (auto& run : store.stamps()) {
    synced.saved.push_back(run.id);
    if (const auto found = known.find(run.id);
        all || found == known.end() || run.stamp.empty() || found->second != run.stamp)
      todo.push_back(std::move(run));
  }
  const auto count = static_cast<int>(todo.size());
  for (int next = 0; next < count;) {
    std::vector<std::pair<StoredRun, std::string>> chunk;  // read before the lock is taken: reading takes its time
    for (const int end = std::min(count, next + kChunk); next < end; ++next) {
      const auto& [id, stamp] = todo[static_cast<std::size_t>(next)];
      try {
        chunk.emplace_back(stored(store.load((store.home() / id).string())), stamp);  // a path: no search
        if (chunk.back().first.run != id) {
          chunk.pop_back();
          throw StoreError("run " + id + " calls itself by another name");
        }
      } catch (const std::exception& error) {
        synced.unreadable.emplace_back(error.what());
      }
    }
    Transaction transaction(db_);
    for (const auto& [run, stamp] : chunk) write(run, stamp);
    transaction.commit();
    synced.taken_up += static_cast<int>(chunk.size());
    if (progress) progress(next, count);
  }
  return synced;
}

std::vector<StoredRun> History::runs() {
  std::vector<StoredRun> runs;
  for (Statement row(db_, fmt::format("SELECT {} FROM run ORDER BY id", kRunColumns).c_str()); row.step();)
    runs.push_back(run_from(row));
  return runs;
}

std::vector<StoredRun> History::runs_with_targets() {
  auto all = runs();
  std::map<std::string, StoredRun*> by_id;
  for (auto& run : all) by_id[run.run] = &run;
  const auto targets = fmt::format("SELECT {}, target.run FROM target ORDER BY target.run, place", kTargetColumns);
  for (Statement row(db_, targets.c_str()); row.step();)
    if (const auto run = by_id.find(row.text(kTargetWidth)); run != by_id.end())
      run->second->targets.push_back(target_from(row, 0));
  const auto results = fmt::format(
      "SELECT result.run, result.target, {} FROM result ORDER BY result.run, target, place", kResultColumns);
  for (Statement row(db_, results.c_str()); row.step();)
    if (const auto run = by_id.find(row.text(0)); run != by_id.end()) {
      auto& its = run->second->targets;
      if (const auto place = row.integer(1); place >= 0 && std::cmp_less(place, its.size()))
        its[static_cast<std::size_t>(place)].variants.push_back(variant_from(row, 2));
    }
  return all;
}

std::vector<HistoryPoint> History::points(const std::string& pattern) {
  const auto sql = fmt::format(
      "SELECT target.run, run.host, run.gpu, run.git_commit, {}, {} FROM target JOIN run ON run.id = target.run "
      "JOIN result ON result.run = target.run AND result.target = target.place "
      "WHERE ?1 = '' OR target.name = ?1 OR target.name GLOB ?1 OR target.name GLOB ?1 || ':*' "
      "ORDER BY target.run, target.place, result.place",
      kTargetColumns, kResultColumns);
  std::vector<HistoryPoint> points;
  Statement row(db_, sql.c_str());
  row.bind(pattern);
  while (row.step())
    points.push_back(
        {row.text(0), row.text(1), row.text(2), row.text(3), target_from(row, 4), variant_from(row, 4 + kTargetWidth)});
  return points;
}

}  // namespace aisp::record
