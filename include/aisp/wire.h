/* The C ABI of the wire between the ranks of a variant; C++ authors use <aisp/ranks.hpp>.
 *
 * A workload may state that a variant consists of several processes. Each runs the same plugin, is bound to its own
 * shards, and finds the others over a wire that belongs to the judge, which counts what crosses it. A plugin that wants
 * the wire exports aisp_wire_v1; the worker calls it once, before prepare. Every callback returns NULL on success, else
 * a message that stays valid until the next call.
 */
#ifndef AISP_WIRE_H
#define AISP_WIRE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  uint32_t size;       /* sizeof(aisp_wire) as the worker was built */
  int32_t rank, ranks; /* 0 <= rank < ranks */
  void* context;       /* first argument of all callbacks */
  /* One message of at most 1 GiB; messages between two ranks arrive in order. May return before the message is
   * received. A rank that waits to send takes in what comes meanwhile, so two ranks may send to each other at once. */
  const char* (*send)(void* context, int32_t to, const void* data, uint64_t bytes);
  /* The next message of that rank, which must have exactly this size; waits for it. */
  const char* (*receive)(void* context, int32_t from, void* data, uint64_t bytes);
  /* Returns once every rank has come here as often as this one. */
  const char* (*barrier)(void* context);
} aisp_wire;

#define AISP_WIRE_SYMBOL "aisp_wire_v1"
typedef void (*aisp_wire_fn)(const aisp_wire* wire);

#ifdef __cplusplus
}
#endif
#endif /* AISP_WIRE_H */
