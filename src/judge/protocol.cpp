#include "judge/protocol.hpp"

#include "model/text.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <memory>

namespace aisp::judge {
namespace {

// Text of an untrusted field: up to its first NUL.
template <std::size_t N> std::string printable(const char (&field)[N]) {
  return model::printable({field, strnlen(field, N - 1)});
}

// Copies `count` records from the page's tail; false when one is of no known kind.
bool parse_activities(const std::byte* page, int count, std::vector<Activity>& into) {
  const auto* records = reinterpret_cast<const std::byte*>(reinterpret_cast<const WorkerPage*>(page)->activities);
  for (int i = 0; i < count; ++i) {
    alignas(ActivityRecord) std::byte raw[sizeof(ActivityRecord)];
    std::memcpy(raw, records + sizeof raw * static_cast<std::size_t>(i), sizeof raw);
    std::uint32_t kind;
    std::memcpy(&kind, raw + offsetof(ActivityFields, kind), sizeof kind);
    if (kind == 0 || kind > static_cast<std::uint32_t>(kLastActivityKind)) return false;
    const auto& record = *reinterpret_cast<const ActivityRecord*>(raw);
    into.push_back({static_cast<const ActivityFields&>(record), printable(record.name)});
  }
  return true;
}

}  // namespace

std::optional<Report> parse_report(const std::byte* bytes, std::size_t size, const Asked& asked, std::string& why) {
  const auto fail = [&](const char* reason) {
    why = reason;
    return std::nullopt;
  };
  if (size != sizeof(WorkerPage)) return fail("the report has the wrong size");
  // One copy, so that nothing can change between a check and its use. Enumerations are read as integers first.
  const auto raw = std::make_unique<std::byte[]>(sizeof(WorkerReport));
  std::memcpy(raw.get(), bytes, sizeof(WorkerReport));
  const auto& page = *reinterpret_cast<const WorkerReport*>(raw.get());
  std::uint32_t outcome;
  std::memcpy(&outcome, &page.outcome, sizeof outcome);
  if (outcome > static_cast<std::uint32_t>(Outcome::refused)) return fail("the outcome is not one of the known ones");
  if (page.nanoseconds > 86'400'000'000'000u) return fail("the claimed time is longer than a day");
  if (page.num_variants < 0 || page.num_variants > kMaxVariants) return fail("the number of variants is out of range");
  if (page.num_protections < 0 || page.num_protections > kMaxProtections)
    return fail("the number of protections is out of range");
  if (page.num_activities < 0 || page.num_activities > kMaxActivities)
    return fail("the number of activities is out of range");

  if (page.num_variants != 0 && !asked.variants) return fail("the report lists variants, which nobody asked for");
  if (page.num_activities != 0 && !asked.census) return fail("the report lists activities, which nobody asked for");

  Report report;
  report.outcome = static_cast<Outcome>(outcome);
  report.seconds = static_cast<double>(page.nanoseconds) * 1e-9;
  report.float_state = page.float_state;
  report.heap_bytes = static_cast<std::int64_t>(std::min<std::uint64_t>(page.heap_bytes, 1ull << 60));
  if (report.outcome != Outcome::ok) report.message = printable(page.message);
  for (int i = 0; i < page.num_variants; ++i) {
    const auto& v = page.variants[i];
    if (v.threads < 0 || v.threads > 1024) return fail("a variant declares an absurd number of threads");
    report.variants.push_back({printable(v.name), printable(v.target), printable(v.about), v.threads, v.device});
    if (report.variants.back().name.empty()) return fail("a variant has no name");
  }
  for (int i = 0; asked.protections && i < page.num_protections; ++i) {
    const auto& p = page.protections[i];
    report.protections.push_back({printable(p.name), printable(p.detail), p.present != 0});
  }
  if (!asked.census) return report;
  report.census_tool = printable(page.census_tool);
  report.census_absent = printable(page.census_absent);
  report.drained = page.drained != 0;
  report.dropped = page.dropped;
  if (!parse_activities(bytes, page.num_activities, report.activities)) return fail("an activity is of no known kind");
  return report;
}

void futex_wake(std::atomic<std::uint32_t>& word) {
  syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

void futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t old, double seconds) {
  timespec timeout{};
  timeout.tv_sec = static_cast<time_t>(seconds);
  timeout.tv_nsec = static_cast<long>((seconds - std::floor(seconds)) * 1e9);
  syscall(SYS_futex, &word, FUTEX_WAIT, old, &timeout, nullptr, 0);
}

std::int64_t now_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC_RAW, &t);
  return static_cast<std::int64_t>(t.tv_sec) * 1'000'000'000 + t.tv_nsec;
}

}  // namespace aisp::judge
