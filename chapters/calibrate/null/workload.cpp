// The least that a call can do: pass one number on. What `aisp calibrate` measures the cost of a call with.
#include <aisp/workload.hpp>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Pass one number on");
  w.no_held_out("there is no size to vary");
  w.input("x", i64, {1}, integers(0, 1'000'000'000));
  w.output("y", i64, {1});
  w.reference([](Case& c) { c.out<1>("y")[0] = c.in<1>("x")[0]; });
}
