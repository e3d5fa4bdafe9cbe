#include "record/stored_run.hpp"

#include "record/calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace aisp::record {

StoredTarget stored(const model::TargetEvidence& e, const model::TargetVerdict* verdict) {
  StoredTarget t{
      .target = e.target, .device = e.device, .scale = e.scale, .params = {}, .started = e.started, .variants = {}};
  for (const auto& p : e.params) t.params += fmt::format("{}{}={}", t.params.empty() ? "" : " ", p.name, p.value);
  t.error = !e.error.empty();
  for (const auto& v : e.variants) {
    t.timed_calls += v.timed_calls;
    t.verified_calls += v.verified_timed_calls;
    t.failed += v.status != model::Status::ok;
  }
  if (!verdict) return t;
  t.judged = true;
  t.publishable = verdict->publishable;
  for (const auto& v : verdict->variants) {
    const auto is_v = [&](const auto& x) { return x.name == v.name; };
    t.variants.push_back(
        {.name = v.name,
         .peer = std::any_of(e.variants.begin(), e.variants.end(), [&](const auto& x) { return is_v(x) && x.peer; }),
         .status = v.status,
         .correct = v.correct,
         .violates = std::any_of(verdict->violations.begin(), verdict->violations.end(),
                                 [&](const auto& x) { return x.variant == v.name; }),
         .word = v.word,
         .speedup = v.speedup,
         .speedup_interval = v.speedup_interval,
         .median_seconds = v.median_seconds,
         .median_interval = v.median_interval,
         .sol = v.sol,
         .bound = v.bound,
         .pairs = v.pairs});
  }
  return t;
}

StoredRun stored(const RunData& run) {
  const auto& m = run.manifest;
  StoredRun s{.run = m.run,
              .started = m.started,
              .finished = m.finished,
              .interrupted = m.interrupted,
              .publishable = m.publishable,
              .scale = m.settings.scale,
              .host = host_key(m.host),
              .gpu = m.gpus.empty() ? "" : device::gpu_key(m.gpus.front()),
              .aisp_version = m.aisp_version,
              .commit = m.build.git_commit + (m.build.git_dirty ? " with changes" : ""),
              .summary = {},
              .targets = {}};
  for (const auto& e : run.evidence) s.targets.push_back(stored(e, run.verdict_of(e.target)));
  s.summary = summarise(s.targets);
  return s;
}

Summary summarise(const std::vector<StoredTarget>& targets) {
  Summary s;
  double log_sum = 0;
  int with_speedup = 0;
  for (const auto& t : targets) {
    ++s.targets;
    s.errors += t.error;
    s.failed += t.failed;
    s.timed_calls += t.timed_calls;
    s.verified_calls += t.verified_calls;
    double best = 0;
    for (std::size_t i = 0; i < t.variants.size(); ++i) {
      const auto& v = t.variants[i];
      if (v.status != model::Status::ok) continue;
      s.violating += v.violates;
      s.wrong += !v.violates && !v.correct;
      if (v.violates || !v.correct || i == 0) continue;
      s.fast += v.word == model::Word::fast;
      s.slow += v.word == model::Word::slow;
      s.same += v.word == model::Word::same;
      s.unresolved += v.word == model::Word::unresolved;
      if (!v.peer && std::isfinite(v.speedup)) best = std::max(best, v.speedup);
    }
    if (best > 0) {
      log_sum += std::log(best);
      ++with_speedup;
    }
  }
  if (with_speedup) s.mean_speedup = std::exp(log_sum / with_speedup);
  return s;
}

}  // namespace aisp::record
