// Splits a loop over threads. What is computed must not depend on where it is split.
#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>
#include <thread>
#include <vector>

namespace aisp::verify {

// Calls body(begin, end) on disjoint parts that cover [0, count); the first exception is rethrown here.
template <class Body> void parallel_for(std::int64_t count, int threads, const Body& body) {
  const auto parts = static_cast<int>(std::clamp<std::int64_t>(count, 1, std::max(threads, 1)));
  if (parts == 1) return body(std::int64_t{0}, count);
  std::vector<std::exception_ptr> failures(static_cast<std::size_t>(parts));
  const auto run = [&](int part) {
    try {
      body(count * part / parts, count * (part + 1) / parts);
    } catch (...) {
      failures[static_cast<std::size_t>(part)] = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (int part = 1; part < parts; ++part) others.emplace_back(run, part);
    run(0);
  }
  for (const auto& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

// Fewer bytes than this are not worth a thread.
inline constexpr std::size_t kParallelBytes = std::size_t{1} << 20;

}  // namespace aisp::verify
