// Ping-pong: see ../attention_ping_pong.hpp. Effect: exponentials of one warpgroup are hidden behind products of
// another, and behind its own output of the step before; persistent blocks that all end together. On an
// H200: 1.25, 1.08 and 1.02 times cuDNN at 4096, 8192 and 16384 tokens; with rows of 64 1.15 at 4096 and 1.02 at 16384.
// What binds it: the tensor cores, and the power that they draw.
#include "../attention_ping_pong.hpp"

namespace {

struct Causal : attention::ping_pong::OfShape<attention::Causal> {
  explicit Causal(const aisp::Setup& setup) : OfShape(setup, attention::Causal{}) {}
};

}  // namespace

AISP_VARIANT(Causal, .about = "warpgroups take turns, softmax beside products");
