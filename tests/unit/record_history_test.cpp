// The history says what the runs' folders say, whoever wrote it, and however writers died.
#include "record/history.hpp"

#include "record/file.hpp"
#include "record/store_error.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <thread>

namespace aisp::record {
namespace {
namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

model::TargetEvidence evidence(const std::string& target) {
  model::TargetEvidence e;
  e.target = target;
  e.scale = "light";
  e.params = {{"rows", 512}, {"cols", 64}};
  e.started = "2026-11-21T05:45:00Z";
  for (const char* name : {"baseline", "online"}) {
    model::VariantEvidence v;
    v.name = name;
    v.status = model::Status::ok;
    v.timed_calls = v.verified_timed_calls = 100;
    v.peer = false;
    e.variants.push_back(v);
  }
  return e;
}

model::TargetVerdict verdict(const std::string& target, double seconds = 1e-3) {
  model::TargetVerdict v;
  v.target = target;
  v.variants.resize(2);
  v.variants[0].name = "baseline";
  v.variants[1].name = "online";
  for (auto& x : v.variants) {
    x.correct = true;
    x.median_seconds = seconds;
    x.median_interval = {seconds * 0.99, seconds * 1.01};
  }
  v.variants[1].speedup = 2;
  v.variants[1].speedup_interval = {1.9, 2.1};
  v.variants[1].word = model::Word::fast;
  v.variants[1].pairs = 21;
  return v;
}

class HistoryTest : public testing::Test {
 protected:
  HistoryTest() : home_(fs::temp_directory_path() / ("aisp-history-" + std::to_string(::getpid()))), store_(home_) {
    fs::remove_all(home_);
  }
  ~HistoryTest() override { fs::remove_all(home_); }

  // A finished run of one target, with its folder.
  std::string run(const std::string& target = "ch09:softmax", double seconds = 1e-3) const {
    auto r = store_.create(Manifest(), std::string(64, 'a'));
    r.save(evidence(target));
    r.save(verdict(target, seconds));
    r.finish(true, {});
    return r.manifest().run;
  }
  static std::string message(const std::function<void()>& act) {
    try {
      act();
    } catch (const StoreError& e) {
      EXPECT_THAT(e.what(), testing::Not(HasSubstr("\n")));
      return e.what();
    }
    return "(no error)";
  }
  static void settle() { std::this_thread::sleep_for(std::chrono::milliseconds(120)); }

  fs::path home_;
  RunStore store_;
};

TEST_F(HistoryTest, TakesUpWhatTheFoldersHoldAndOnlyWhatChanged) {
  const auto first = run();
  settle();
  auto history = History::open(home_);
  EXPECT_EQ(history.sync(store_).taken_up, 1);
  EXPECT_EQ(history.sync(store_).taken_up, 0);
  const auto second = run("ch07:transpose");
  settle();
  EXPECT_EQ(history.sync(store_).taken_up, 1);
  EXPECT_EQ(history.sync(store_, true).taken_up, 2);
  EXPECT_THAT(history.runs(), SizeIs(2));

  // A file that is replaced makes its folder new.
  const auto file = home_ / first / "targets/ch09_softmax.verdict.json";
  auto text = read_whole(file);
  text.replace(text.find("FAST"), 4, "SAME");
  write_atomically(file, text);
  settle();
  EXPECT_EQ(history.sync(store_).taken_up, 1);
  EXPECT_EQ(history.points("ch09:softmax").at(1).variant.word, model::Word::same);
}

TEST_F(HistoryTest, AResultComesBackWhole) {
  const auto id = run("ch09:softmax", 2.5e-3);
  auto history = History::open(home_);
  history.sync(store_);
  const auto back = history.runs_with_targets();
  ASSERT_THAT(back, SizeIs(1));
  EXPECT_EQ(back[0].run, id);
  EXPECT_TRUE(back[0].publishable);
  EXPECT_EQ(back[0].summary.fast, 1);
  EXPECT_EQ(back[0].summary.verified_calls, 200u);
  EXPECT_DOUBLE_EQ(back[0].summary.mean_speedup, 2);
  const auto& target = back[0].targets.at(0);
  EXPECT_EQ(target.params, "rows=512 cols=64");
  EXPECT_TRUE(target.judged);
  const auto& online = target.variants.at(1);
  EXPECT_EQ(online.name, "online");
  EXPECT_EQ(online.status, model::Status::ok);
  EXPECT_TRUE(online.correct);
  EXPECT_FALSE(online.violates);
  EXPECT_EQ(online.word, model::Word::fast);
  EXPECT_EQ(online.median_seconds, 2.5e-3);
  EXPECT_EQ(online.speedup_interval.hi, 2.1);
  EXPECT_EQ(online.pairs, 21);
}

TEST_F(HistoryTest, PointsAreFoundByNameChapterAndGlob) {
  run("ch09:softmax");
  run("ch07:transpose");
  auto history = History::open(home_);
  history.sync(store_);
  EXPECT_THAT(history.points(""), SizeIs(4));
  EXPECT_THAT(history.points("ch09:softmax"), SizeIs(2));
  EXPECT_THAT(history.points("ch07"), SizeIs(2));
  EXPECT_THAT(history.points("ch0*"), SizeIs(4));
  EXPECT_THAT(history.points("ch0"), IsEmpty());
  EXPECT_THAT(history.points("'; DROP TABLE run; --"), IsEmpty());
  EXPECT_THAT(history.runs(), SizeIs(2));
}

TEST_F(HistoryTest, ResultsStayWhenTheirFoldersGo) {
  run();
  auto history = History::open(home_);
  history.sync(store_);
  store_.clean();
  history.sync(store_);
  EXPECT_THAT(history.points(""), SizeIs(2));
}

TEST_F(HistoryTest, AFolderThatCannotBeReadIsNamedAndTheOthersAreTakenUp) {
  const auto good = run(), bad = run();
  std::ofstream(home_ / bad / "manifest.json") << "{";
  auto history = History::open(home_);
  const auto synced = history.sync(store_);
  EXPECT_EQ(synced.taken_up, 1);
  EXPECT_THAT(synced.unreadable, ElementsAre(HasSubstr(bad)));
  EXPECT_EQ(history.runs().at(0).run, good);
}

TEST_F(HistoryTest, ACopyIsReadAndTheFileStaysAsItIs) {
  const auto first = run();
  settle();
  History::open(home_).sync(store_);
  const auto content = read_whole(History::file(home_));
  const auto second = run();
  auto copy = History::copy(home_);
  EXPECT_EQ(copy.sync(store_).taken_up, 1) << "only what the file does not know";
  EXPECT_THAT(copy.points(""), SizeIs(4));
  EXPECT_EQ(read_whole(History::file(home_)), content);
  EXPECT_FALSE(fs::exists(home_ / "history.db-wal"));

  std::ofstream(History::file(home_)) << std::string(8192, 'x');
  EXPECT_THAT(message([&] { History::copy(home_); }), HasSubstr("not a database"));
  fs::remove(History::file(home_));
  EXPECT_THAT(message([&] { History::copy(home_); }), HasSubstr("unable to open"));
}

TEST_F(HistoryTest, AFileThatCannotBeUsedEndsInOneLineAndIsSetAside) {
  run();
  EXPECT_EQ(History::set_aside(home_), "");  // there is none
  std::ofstream(History::file(home_)) << std::string(8192, 'x');
  EXPECT_THAT(message([&] { History::open(home_); }), HasSubstr("not a database"));
  EXPECT_EQ(History::set_aside(home_), home_ / "history.db.damaged");
  EXPECT_EQ(History::open(home_).sync(store_).taken_up, 1);
  EXPECT_EQ(History::set_aside(home_), "");  // a good one stays

  {
    Database db(History::file(home_));
    db.execute("PRAGMA user_version = 7");
  }
  EXPECT_THAT(message([&] { History::open(home_); }),
              HasSubstr("is of a newer aisp (history version 7; this one knows 1"));
  fs::remove(History::file(home_));
  {
    Database db(History::file(home_));
    db.execute("CREATE TABLE run(id)");
  }
  EXPECT_THAT(message([&] { History::open(home_); }), HasSubstr("another program"));
  fs::remove(History::file(home_));
  fs::create_directory(History::file(home_));
  EXPECT_THAT(message([&] { History::open(home_); }), HasSubstr("unable to open"));
}

// Every byte of the file may be wrong: it opens or is refused, and never crashes or hangs.
TEST_F(HistoryTest, DamagedFilesNeverCrash) {
  for (int i = 0; i < 3; ++i) run();
  {
    auto history = History::open(home_);
    history.sync(store_);
  }
  const auto whole = read_whole(History::file(home_));
  std::mt19937_64 random(1);
  for (int i = 0; i < 100; ++i) {
    auto text = whole;
    for (int k = 0; k < 8; ++k) text[random() % text.size()] = static_cast<char>(random());
    if (i % 4 == 0) text.resize(random() % text.size());
    for (const char* part : {"-wal", "-shm"}) fs::remove(History::file(home_).string() + part);
    std::ofstream(History::file(home_), std::ios::binary) << text;
    try {
      auto history = History::open(home_);
      history.sync(store_);
      history.runs_with_targets();
      history.points("ch*");
    } catch (const StoreError&) {
    }
  }
}

// ------------------------------------------------------------------------------------------- writers that are killed

// What a writer does: targets one after the other, each told on `out` once it is recorded.
[[noreturn]] void write_until_killed(const fs::path& home, int out) {
  try {
    auto history = History::open(home);
    for (;;) {
      auto run = RunStore(home).create(Manifest(), std::string(64, 'a'));
      auto kept = stored(RunStore(home).load(run.path().string()));
      for (int i = 0; i < 4; ++i) {
        const auto target = "ch09:t" + std::to_string(i);
        const auto e = evidence(target);
        const auto v = verdict(target);
        run.save(e);
        run.save(v);
        kept.targets.push_back(stored(e, &v));
        kept.summary = summarise(kept.targets);
        history.put(kept);
        const auto line = run.manifest().run + " " + target + "\n";
        if (::write(out, line.data(), line.size()) < 0) ::_exit(1);
      }
      run.finish(true, {});
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "a writer gave up: %s\n", e.what());
  }
  ::_exit(2);
}

TEST_F(HistoryTest, KillingTwoWritersTwoHundredTimesLosesNoFinishedResult) {
  fs::create_directories(home_);
  std::mt19937_64 random(20261121);
  std::multimap<std::string, std::string> told;  // run → target
  int kills = 0;
  while (kills < 200) {
    std::array<pid_t, 2> writers{};
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    for (auto& writer : writers) {
      writer = ::fork();
      ASSERT_GE(writer, 0);
      if (writer == 0) {
        ::close(ends[0]);
        write_until_killed(home_, ends[1]);
      }
    }
    ::close(ends[1]);
    // Killed after some results, at any point of the next one, however slow the machine is.
    std::string text;
    const auto read_some = [&] {
      std::array<char, 4096> buffer{};
      const auto n = ::read(ends[0], buffer.data(), buffer.size());
      if (n > 0) text.append(buffer.data(), static_cast<std::size_t>(n));
      return n > 0;
    };
    const auto wanted = static_cast<std::ptrdiff_t>(random() % 5);
    while (std::count(text.begin(), text.end(), '\n') < wanted && read_some()) {
    }
    for (auto writer : writers) {
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 10'000));
      ::kill(writer, SIGKILL);
      int status = 0;
      ::waitpid(writer, &status, 0);
      EXPECT_TRUE(WIFSIGNALED(status)) << "a writer gave up with status " << WEXITSTATUS(status);
      ++kills;
    }
    while (read_some()) {
    }
    ::close(ends[0]);
    std::istringstream lines(text);
    for (std::string run, target; lines >> run >> target;) told.emplace(run, target);
  }

  const auto holds_all = [&](History& history) {
    std::map<std::string, std::set<std::string>> held;
    for (const auto& point : history.points("")) held[point.run].insert(point.target.target);
    for (const auto& [run, target] : told)
      if (!held[run].contains(target)) return run + " lacks " + target;
    return std::string();
  };
  ASSERT_GT(told.size(), 100u) << "the writers were killed before they got anywhere";
  {
    auto history = History::open(home_);
    EXPECT_EQ(holds_all(history), "") << "after the last kill";
    EXPECT_THAT(history.sync(store_).unreadable, IsEmpty());
    EXPECT_EQ(holds_all(history), "") << "after taking up the folders";
  }
  EXPECT_EQ(Database(History::file(home_)).text("PRAGMA integrity_check"), "ok");
  fs::remove(History::file(home_));
  auto rebuilt = History::open(home_);
  rebuilt.sync(store_, true);
  EXPECT_EQ(holds_all(rebuilt), "") << "made again from the folders";
  std::printf("%d kills, %zu results, %zu runs\n", kills, told.size(), rebuilt.runs().size());
}

}  // namespace
}  // namespace aisp::record
