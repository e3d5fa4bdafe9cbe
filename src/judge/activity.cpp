#include "judge/activity.hpp"

#include "stats/stats.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace aisp::judge {
namespace {

constexpr double kNs = 1e-9;
constexpr std::uint64_t kSlackNs = 2000;     // between the ends of neighbouring activities as CUPTI stamps them
constexpr std::uint64_t kMost = 1ull << 50;  // counts and sizes beyond it are nonsense

bool is_work(const Activity& a) {
  return a.kind == ActivityKind::kernel || a.kind == ActivityKind::copy || a.kind == ActivityKind::memset;
}
bool is_marker(const Activity& a) { return a.kind == ActivityKind::kernel && a.name == kCensusMarker; }
bool is_timed(const Activity& a) { return a.end > a.start; }
std::int64_t bytes_of(const Activity& a) { return static_cast<std::int64_t>(std::min(a.bytes, kMost)); }
double seconds(std::uint64_t ns) { return static_cast<double>(ns) * kNs; }

using Activities = std::vector<const Activity*>;

// One audited call: its markers, and what the process asked for between them, in order.
struct Call {
  const Activity *begin, *end;
  Activities activities;
};

std::vector<Call> split_calls(const Activities& ordered) {
  std::vector<Call> calls;
  const Activity* begin = nullptr;
  Activities inside;
  for (const auto* a : ordered) {
    if (!is_marker(*a)) {
      inside.push_back(a);
    } else if (begin) {
      calls.push_back({begin, a, std::move(inside)});
      begin = nullptr;
      inside.clear();
    } else {
      begin = a;
      inside.clear();
    }
  }
  return calls;
}

// Which activities are ordered before which, by what the process asked for: streams run in order, an event hands a
// stream's past to whoever waits for it, and so does the host once it has waited. A vector clock per stream: the last
// activity of every other stream that is known to lie before.
class Order {
 public:
  explicit Order(std::uint32_t given) : given_(given) { tick(given); }

  // Returns whether work on that stream now is ordered after the call's beginning.
  bool work(std::uint32_t stream) {
    tick(stream);
    return knows(stream, given_, 1);
  }
  std::uint64_t position(std::uint32_t stream) { return clocks_[stream][stream]; }
  bool knows(std::uint32_t stream, std::uint32_t other, std::uint64_t position) {
    return clocks_[stream][other] >= position;
  }
  void record(std::uint64_t event, std::uint32_t stream) {
    learn(clocks_[stream], host_);
    events_[event] = clocks_[stream];
  }
  void wait(std::uint32_t stream, std::uint64_t event) { learn(clocks_[stream], events_[event]); }
  void host_waits(std::uint32_t stream) { learn(host_, clocks_[stream]); }
  void host_waits_event(std::uint64_t event) { learn(host_, events_[event]); }
  void host_waits_all() {
    for (const auto& [stream, clock] : clocks_) learn(host_, clock);
  }
  bool host_knows(std::uint32_t stream, std::uint64_t position) { return host_[stream] >= position; }
  // The marker after the call.
  void finish() { tick(given_); }

 private:
  using Clock = std::map<std::uint32_t, std::uint64_t>;
  static void learn(Clock& clock, const Clock& from) {
    for (const auto& [stream, position] : from) clock[stream] = std::max(clock[stream], position);
  }
  void tick(std::uint32_t stream) {
    learn(clocks_[stream], host_);
    ++clocks_[stream][stream];
  }

  std::uint32_t given_;
  Clock host_;
  std::map<std::uint32_t, Clock> clocks_;
  std::map<std::uint64_t, Clock> events_;
};

struct Ordering {
  std::int64_t unforked = 0, unjoined = 0;
};
std::map<std::uint32_t, Ordering> order_of(const Call& call) {
  const auto given = call.begin->stream;
  Order order(given);
  struct Place {
    std::uint32_t stream;
    std::uint64_t position;
    bool forked;
  };
  std::vector<Place> places;
  std::map<std::uint32_t, Ordering> found;
  for (const auto* a : call.activities) {
    switch (a->kind) {
      case ActivityKind::kernel:
      case ActivityKind::copy:
      case ActivityKind::memset: {
        const bool forked = order.work(a->stream);
        places.push_back({a->stream, order.position(a->stream), forked});
        if (a->kind == ActivityKind::copy && !(a->flags & kAsynchronous) && !a->graph) order.host_waits(a->stream);
        break;
      }
      case ActivityKind::event_record: order.record(a->event, a->stream); break;
      case ActivityKind::stream_wait: order.wait(a->stream, a->event); break;
      case ActivityKind::stream_sync: order.host_waits(a->stream); break;
      case ActivityKind::event_sync: order.host_waits_event(a->event); break;
      case ActivityKind::device_sync: order.host_waits_all(); break;
      default: break;
    }
  }
  order.finish();
  for (const auto& p : places) {
    // What the host issued and awaited within the call lies within it, whatever the given stream did meanwhile.
    found[p.stream].unforked += !p.forked && !order.host_knows(p.stream, p.position);
    found[p.stream].unjoined += !order.knows(given, p.stream, p.position);
  }
  return found;
}

// The length of the union of intervals.
std::uint64_t busy_ns(const Activities& all) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> spans;
  for (const auto* a : all)
    if (is_work(*a) && is_timed(*a)) spans.emplace_back(a->start, a->end);
  std::sort(spans.begin(), spans.end());
  std::uint64_t busy = 0, reached = 0;
  for (const auto& [start, end] : spans) {
    if (end <= reached) continue;
    busy += end - std::max(start, reached);
    reached = end;
  }
  return busy;
}

void add_kernels(const Activities& all, model::CensusPhase& phase) {
  struct Group {
    model::CensusKernel kernel;
    std::vector<double> times;
  };
  std::map<std::tuple<std::string, std::vector<std::int64_t>, std::int64_t>, Group> groups;
  for (const auto* a : all) {
    if (a->kind != ActivityKind::kernel) continue;
    std::vector<std::int64_t> shape;
    for (const auto n : a->grid) shape.push_back(std::max(n, 0));
    for (const auto n : a->block) shape.push_back(std::max(n, 0));
    auto& group = groups[{a->name, shape, a->stream}];
    auto& k = group.kernel;
    k.name = a->name;
    k.grid.assign(shape.begin(), shape.begin() + 3);
    k.block.assign(shape.begin() + 3, shape.end());
    k.registers = a->registers;
    k.shared_bytes = a->shared_bytes;
    k.stream = a->stream;
    ++k.launches;
    if (is_timed(*a)) group.times.push_back(seconds(a->end - a->start));
  }
  for (auto& [key, group] : groups) {
    for (const double t : group.times) group.kernel.total_seconds += t;
    if (!group.times.empty()) group.kernel.median_seconds = stats::median(group.times);
    phase.kernels.push_back(std::move(group.kernel));
  }
  std::stable_sort(phase.kernels.begin(), phase.kernels.end(),
                   [](const auto& a, const auto& b) { return a.total_seconds > b.total_seconds; });
  for (std::size_t i = kMaxKernels; i < phase.kernels.size(); ++i) phase.other_launches += phase.kernels[i].launches;
  if (phase.kernels.size() > kMaxKernels) phase.kernels.resize(kMaxKernels);
}

void add_traffic(const Activities& all, model::CensusPhase& phase) {
  std::map<std::string, model::CensusCopy> copies;
  std::map<std::uint32_t, model::CensusStream> streams;
  std::map<std::uint32_t, bool> devices;
  for (const auto* a : all) {
    if (!is_work(*a)) continue;
    devices[a->device] = true;
    auto& s = streams[a->stream];
    s.stream = a->stream;
    ++s.activities;
    phase.child_launches += (a->flags & kDeviceLaunched) != 0;
    if (a->kind == ActivityKind::kernel) {
      phase.cooperative_launches += (a->flags & kCooperative) != 0;
      continue;
    }
    ++s.copies;
    if (a->kind == ActivityKind::memset) {
      ++phase.memsets;
      phase.memset_bytes += bytes_of(*a);
    } else {
      auto& c = copies[a->name];
      c.kind = a->name;
      ++c.count;
      c.bytes += bytes_of(*a);
    }
  }
  for (auto& [kind, c] : copies) phase.copies.push_back(std::move(c));
  for (const auto& [id, s] : streams) phase.streams.push_back(s);
  for (const auto& [id, used] : devices) phase.devices.push_back(id);
}

void add_requests(const Activities& all, model::CensusPhase& phase) {
  for (const auto* a : all) {
    switch (a->kind) {
      case ActivityKind::allocation:
        ++phase.allocations;
        phase.allocated_bytes += bytes_of(*a);
        break;
      case ActivityKind::release: ++phase.releases; break;
      case ActivityKind::graph_launch:
        ++phase.graph_launches;
        phase.graph_nodes += a->nodes;
        phase.host_functions += a->host_nodes;
        break;
      case ActivityKind::host_function: ++phase.host_functions; break;
      case ActivityKind::context: ++phase.contexts_created; break;
      case ActivityKind::stream: ++phase.streams_created; break;
      case ActivityKind::module:
        ++phase.modules_loaded;
        phase.device_launch_modules += (a->flags & kCanLaunchKernels) != 0;
        break;
      case ActivityKind::library: phase.libraries.push_back(a->name); break;
      default: break;
    }
  }
}

void add_calls(const std::vector<Call>& calls, model::CensusPhase& phase) {
  std::vector<double> busy, whole;
  for (const auto& call : calls) {
    for (const auto* a : call.activities) phase.late += is_work(*a) && a->end > call.end->start + kSlackNs;
    for (const auto& [stream, order] : order_of(call)) {
      for (auto& s : phase.streams)
        if (s.stream == stream) s.unforked += order.unforked, s.unjoined += order.unjoined;
    }
    for (auto& s : phase.streams) s.given |= s.stream == call.begin->stream;
    busy.push_back(seconds(busy_ns(call.activities)));
    whole.push_back(call.end->start > call.begin->end ? seconds(call.end->start - call.begin->end) : 0);
  }
  if (busy.empty()) return;
  phase.busy_seconds = stats::median(busy);
  phase.call_seconds = stats::median(whole);
}

// In the order in which the process asked for them. Nodes of a graph run on streams of the driver's own; they take the
// stream on which their graph was launched.
std::vector<Activity> in_order(std::vector<Activity> all) {
  // A launch comes before the nodes that it started, which carry its number.
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::pair(a.order, a.kind != ActivityKind::graph_launch) <
           std::pair(b.order, b.kind != ActivityKind::graph_launch);
  });
  const Activity* launch = nullptr;
  for (auto& a : all) {
    if (a.kind == ActivityKind::graph_launch) launch = &a;
    if (launch && a.graph && is_work(a)) a.stream = launch->stream;
  }
  return all;
}

model::CensusPhase phase_of(const PhaseRecording& recording) {
  const auto activities = in_order(recording.activities);
  Activities ordered, all;
  for (const auto& a : activities) {
    ordered.push_back(&a);
    if (!is_marker(a)) all.push_back(&a);
  }

  model::CensusPhase phase;
  phase.name = recording.name;
  phase.calls = recording.calls;
  phase.dropped = static_cast<std::int64_t>(std::min(recording.dropped, kMost));
  const auto calls = split_calls(ordered);
  phase.seen_calls = static_cast<std::int64_t>(calls.size());
  add_kernels(all, phase);
  add_traffic(all, phase);
  add_requests(all, phase);
  add_calls(calls, phase);
  if (!recording.drained) {
    for (const auto* a : all) phase.unfinished += is_work(*a) && a->end == 0;
    phase.unfinished = std::max<std::int64_t>(phase.unfinished, 1);
  }
  return phase;
}

}  // namespace

model::Census census_of(const Recording& recording) {
  model::Census census;
  census.tool = recording.tool;
  for (const auto& phase : recording.phases) {
    census.phases.push_back(phase_of(phase));
    if (phase.name == "run") census.busy_seconds = census.phases.back().busy_seconds;
  }
  return census;
}

}  // namespace aisp::judge
