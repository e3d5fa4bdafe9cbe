// Matrix product in f32, rows padded to 16 bytes. The kernels keep 64 elements of C in a thread's registers, which
// leaves room for one block a multiprocessor: no other is there to hide its waiting.
#include "../product_workload.hpp"

AISP_WORKLOAD(w) {
  w.about("Matrix product whose tiles come through shared memory");
  ch10::declare_product(w);
}
