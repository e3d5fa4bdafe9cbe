// Block lists: only tiles of keys in reach of the window are fetched, and only those on its two borders masked. Effect:
// the work falls with the share of keys that are seen, and a window costs the same however long the sequence is. What
// binds it: the tensor cores, and the borders, of which a window of 1024 has two in nine tiles.
#include "../attention_ping_pong.hpp"

namespace {

struct Window : attention::ping_pong::OfShape<attention::Window> {
  explicit Window(const aisp::Setup& setup) : OfShape(setup, attention::Window{setup.param("window")}) {}
};

}  // namespace

AISP_VARIANT(Window, .about = "only tiles of keys that are seen");
