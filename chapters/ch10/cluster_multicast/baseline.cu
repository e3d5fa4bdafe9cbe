// Baseline: every block fetches every tile for itself, with one bulk copy. The weights of all cells fit the second
// cache level; but the four blocks of a cell ask it for the same bytes, from far apart and at times of their own. What
// binds it: the bandwidth of the second cache level.
#include "alone.hpp"

AISP_VARIANT(ch10::Alone<ch10::Neighbours::cells>, .about = "every block fetches the weights for itself");
