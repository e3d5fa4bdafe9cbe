// pdl.hpp, stream.hpp and graph.hpp: what waits for what.
#include "../kernel_test.hpp"

#include <aisp/cuda/graph.hpp>
#include <aisp/cuda/pdl.hpp>

#include <span>
#include <utility>

namespace {

using namespace aisp::cuda;
using namespace aisp::test;

class Launches : public BuiltFor<9> {};

__global__ void slow_step(int* value, int factor) {
  allow_successor();
  wait_for_predecessor();
  const int before = *value;
  for (int i = 0; i < 2000; ++i) asm volatile("" ::: "memory");
  *value = before * factor + 1;
}
__global__ void plain_step(int* value, int factor) { *value = *value * factor + 1; }

int chained(int start, int factor, int steps) {
  for (int i = 0; i < steps; ++i) start = start * factor + 1;
  return start;
}
TEST_F(Launches, EarlyLaunchesWaitForTheirPredecessor) {
  const auto value = on_device(std::vector<int>{1});
  const Stream stream;
  for (int i = 0; i < 12; ++i) launch_early(stream.get(), 1, 1, slow_step, value.get(), 3);
  EXPECT_EQ(on_host(value)[0], chained(1, 3, 12));
  slow_step<<<1, 1, 0, stream.get()>>>(value.get(), 2);  // in the ordinary way the wait returns at once
  EXPECT_EQ(on_host(value)[0], chained(chained(1, 3, 12), 2, 1));
}

TEST_F(Launches, EventsOrderStreams) {
  const auto value = on_device(std::vector<int>{1});
  const Stream a, b;
  const Event event;
  for (int i = 0; i < 10; ++i) {
    slow_step<<<1, 1, 0, a.get()>>>(value.get(), 2);
    event.order(a.get(), b.get());
    slow_step<<<1, 1, 0, b.get()>>>(value.get(), 3);
    event.order(b.get(), a.get());
  }
  int want = 1;
  for (int i = 0; i < 10; ++i) want = chained(chained(want, 2, 1), 3, 1);
  EXPECT_EQ(on_host(value)[0], want);
}

TEST_F(Launches, GraphsAreRecordedBuiltAndChanged) {
  const auto value = on_device(std::vector<int>{1});
  const Graph recorded([&](cudaStream_t stream) {
    plain_step<<<1, 1, 0, stream>>>(value.get(), 2);
    plain_step<<<1, 1, 0, stream>>>(value.get(), 3);
  });
  EXPECT_EQ(on_host(value)[0], 1) << "recording runs nothing";
  const Stream stream;
  const GraphExec exec(recorded);
  exec.upload(stream.get());
  exec.launch(stream.get());
  EXPECT_EQ(on_host(value)[0], 10);

  const Graph built;
  const auto first = add_kernel(built.get(), {}, 1, 1, plain_step, value.get(), 2);
  add_kernel(built.get(), std::span(&first, 1), 1, 1, plain_step, value.get(), 3);
  GraphExec other(built);
  other.launch(stream.get());
  EXPECT_EQ(on_host(value)[0], chained(chained(10, 2, 1), 3, 1));
  set_kernel(other, first, 1, 1, plain_step, value.get(), 0);
  other.launch(stream.get());
  EXPECT_EQ(on_host(value)[0], 4) << "0 · value + 1, times 3, plus 1";
}

TEST_F(Launches, AStreamHasThePriorityItWasGiven) {
  int least = 0, greatest = 0, priority = 99;
  AISP_CUDA(cudaDeviceGetStreamPriorityRange(&least, &greatest));
  EXPECT_LT(greatest, least);
  for (const int wanted : {least, greatest}) {
    const Stream stream(wanted);
    unsigned flags = 0;
    AISP_CUDA(cudaStreamGetPriority(stream.get(), &priority));
    AISP_CUDA(cudaStreamGetFlags(stream.get(), &flags));
    EXPECT_EQ(priority, wanted);
    EXPECT_EQ(flags, static_cast<unsigned>(cudaStreamNonBlocking));
  }
}

TEST_F(Launches, AGraphThatMovedIsLaunchedFromWhereItIs) {
  const auto value = on_device(std::vector<int>{1});
  const Graph graph([&](cudaStream_t stream) { plain_step<<<1, 1, 0, stream>>>(value.get(), 2); });
  GraphExec first(graph);
  const auto* const same = first.get();
  GraphExec second(std::move(first)), third;
  third = std::move(second);
  EXPECT_EQ(third.get(), same);
  const Stream stream;
  third.launch(stream.get());
  EXPECT_EQ(on_host(value)[0], 3);
}

}  // namespace
