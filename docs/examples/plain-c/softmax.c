/* ch09:softmax in plain C: what a variant looks like beneath AISP_VARIANT, for authors in other languages. */
#include <aisp/plugin.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

/* What prepare keeps: the addresses of each slot's tensors. */
typedef struct {
  const float* x;
  float* y;
} slot_tensors;

typedef struct {
  int64_t rows, cols;
  int32_t num_slots;
  slot_tensors slots[];
} softmax_state;

static const char* prepare(const aisp_setup* setup, void** state) {
  const int64_t* shape = setup->tensors[0].tensor.shape; /* x: (rows, cols) */
  softmax_state* s = calloc(1, sizeof *s + (size_t)setup->max_slots * sizeof *s->slots);
  if (!s) return "out of memory";
  s->rows = shape[0];
  s->cols = shape[1];
  s->num_slots = setup->max_slots;
  *state = s;
  return NULL;
}

static const char* bind(void* state, int32_t slot, const DLTensor* const* tensors, int32_t num_tensors) {
  softmax_state* s = state;
  if (slot < 0 || slot >= s->num_slots || num_tensors != 2) return "expected the tensors x and y of a known slot";
  s->slots[slot].x = (const float*)((const char*)tensors[0]->data + tensors[0]->byte_offset);
  s->slots[slot].y = (float*)((char*)tensors[1]->data + tensors[1]->byte_offset);
  return NULL;
}

static const char* run(void* state, int32_t slot) {
  const softmax_state* s = state;
  for (int64_t i = 0; i < s->rows; ++i) {
    const float* in = s->slots[slot].x + i * s->cols;
    float* out = s->slots[slot].y + i * s->cols;
    float top = in[0], sum = 0;
    for (int64_t j = 1; j < s->cols; ++j) top = in[j] > top ? in[j] : top;
    for (int64_t j = 0; j < s->cols; ++j) sum += out[j] = expf(in[j] - top);
    const float scale = 1 / sum;
    for (int64_t j = 0; j < s->cols; ++j) out[j] *= scale;
  }
  return NULL;
}

static void release(void* state) { free(state); }

/* Checked against the workload before prepare: dtype, rank, and whether run writes it. */
static const aisp_argument arguments[] = {{{kDLFloat, 32, 1}, 2, 0}, {{kDLFloat, 32, 1}, 2, 1}};

static const aisp_variant variant = {
    .size = sizeof variant,
    .target = AISP_TARGET, /* from aisp_add_variant; write "ch09:softmax" when compiling by hand */
    .name = AISP_VARIANT_NAME,
    .about = "one multiplication in place of each division",
    .device = kDLCPU,
    .threads = 1,
    .num_arguments = 2,
    .arguments = arguments,
    .prepare = prepare,
    .bind = bind,
    .run = run,
    .release = release,
};

__attribute__((visibility("default"))) const aisp_plugin* aisp_plugin_v1(void) {
  static const aisp_variant* const variants[] = {&variant};
  static const aisp_plugin plugin = {AISP_ABI_VERSION, 1, variants};
  return &plugin;
}
