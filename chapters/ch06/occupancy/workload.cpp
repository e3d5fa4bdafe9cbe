// Decoding through a code book: y[i] = book[code[i]]. The book, up to 48 KiB, is small enough for shared memory, and
// every block keeps a copy there.
#include <aisp/workload.hpp>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Decoding through a code book in shared memory");
  const auto entries = w.param("entries", {.light = 12288, .full = 12288, .held_out = {1, 12288}, .edges = {1}});
  const auto n = w.param("n", {.light = 1 << 20, .full = 1 << 26, .held_out = {1, 300000}, .edges = {1, 1025}});
  w.constant("book", f32, {entries}, normal(0, 1));
  w.input("code", i32, {n}, integers(0, entries - 1));
  w.output("y", f32, {n});
  w.flops(0);
  w.reference([=](Case& c) {
    const auto book = c.in<1>("book"), code = c.in<1>("code");
    const auto y = c.out<1>("y");
    for (std::int64_t i = 0; i < n; ++i) y[i] = book[static_cast<std::int64_t>(code[i])];
  });
}
