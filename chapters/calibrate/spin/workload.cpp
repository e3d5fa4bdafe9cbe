// Work of a known duration: spin for as many nanoseconds as the input says. What `aisp calibrate` checks the judge's
// clock against. One declaration for each duration; durations are drawn within 0.1 % of it, so that none is known
// before the call.
#include <aisp/workload.hpp>

#include <algorithm>

using namespace aisp;

namespace {

template <std::int64_t Nanoseconds> void declare(Workload& w) {
  w.about("Spin for a given number of nanoseconds");
  w.no_held_out("the duration itself is drawn by the judge");
  const auto ns = w.param("nanoseconds", {.light = Nanoseconds, .full = Nanoseconds});
  const auto spread = std::max<std::int64_t>(1, ns / 1000);
  w.input("duration", i64, {1}, integers(ns - spread, ns + spread));
  w.output("proof", i64, {1});
  w.reference([](Case& c) {
    const auto duration = static_cast<std::int64_t>(c.in<1>("duration")[0]);
    c.out<1>("proof")[0] = static_cast<double>((duration * 48271) % 2147483647);
  });
}

const detail::RegisterWorkload one_microsecond{AISP_TARGET, &declare<1'000>};
const detail::RegisterWorkload two_microseconds{AISP_TARGET, &declare<2'000>};
const detail::RegisterWorkload ten_microseconds{AISP_TARGET, &declare<10'000>};
const detail::RegisterWorkload hundred_microseconds{AISP_TARGET, &declare<100'000>};
const detail::RegisterWorkload one_millisecond{AISP_TARGET, &declare<1'000'000>};
const detail::RegisterWorkload ten_milliseconds{AISP_TARGET, &declare<10'000'000>};

}  // namespace
