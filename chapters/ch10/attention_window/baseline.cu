// Baseline: a dense mask. All tiles of keys are multiplied and every score is compared with the window, by the kernel
// of
// ../attention_ping_pong.hpp. What binds it: products of which nearly all are thrown away.
#include "../attention_ping_pong.hpp"

namespace {

struct Dense : attention::ping_pong::OfShape<attention::Window> {
  explicit Dense(const aisp::Setup& setup)
      : OfShape(setup, attention::Window{setup.param("window")}, attention::Lists::dense) {}
};

}  // namespace

AISP_VARIANT(Dense, .about = "every tile of keys, each score masked");
