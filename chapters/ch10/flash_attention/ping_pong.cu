// Ping-pong: see ../attention_ping_pong.hpp. Effect: exponentials of one warpgroup are hidden behind products of
// another, and behind its own output of the step before. On an H200, 8192 tokens: 0.98 times cuDNN with rows of 128,
// 0.89 with rows of 64. What binds it: the tensor cores, and the power that they draw; with rows of 64 as much the
// exponentials, and a last round of tiles that not all blocks have.
#include "../attention_ping_pong.hpp"

namespace {

struct Full : attention::ping_pong::OfShape<attention::Full> {
  explicit Full(const aisp::Setup& setup) : OfShape(setup, attention::Full{}) {}
};

}  // namespace

AISP_VARIANT(Full, .about = "warpgroups take turns, softmax beside products");
