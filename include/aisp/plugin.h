/* The C ABI between the aisp worker and an implementation ("variant").
 *
 * A plugin is a shared library that exports one function, aisp_plugin_v1. Tensors are DLPack's DLTensor
 * (https://dmlc.github.io/dlpack/latest/c_api.html), so any language that can export a C function can implement a
 * variant. C++ authors use AISP_VARIANT from <aisp/variant.hpp> and never see this file.
 *
 * Life of a variant: prepare once, bind once per slot, run many times per slot, release once. Every callback returns
 * NULL on success, else a message that stays valid until the next call into the plugin.
 */
#ifndef AISP_PLUGIN_H
#define AISP_PLUGIN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define AISP_ABI_VERSION 1u

/* DLPack's tensor description, skipped when DLPack's own header came first. Values as in DLPack 1.1. */
#ifndef DLPACK_DLPACK_H_
#define DLPACK_DLPACK_H_
typedef enum { kDLCPU = 1, kDLCUDA = 2, kDLCUDAHost = 3 } DLDeviceType;
typedef struct {
  DLDeviceType device_type;
  int32_t device_id;
} DLDevice;
typedef enum {
  kDLInt = 0,
  kDLUInt = 1,
  kDLFloat = 2,
  kDLBfloat = 4,
  kDLFloat8_e4m3fn = 10,
  kDLFloat8_e5m2 = 12
} DLDataTypeCode;
typedef struct {
  uint8_t code; /* DLDataTypeCode */
  uint8_t bits;
  uint16_t lanes; /* always 1 here */
} DLDataType;
typedef struct {
  void* data;
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t* shape;
  int64_t* strides; /* in elements; NULL means row-major and compact, as every aisp tensor is */
  uint64_t byte_offset;
} DLTensor;
#endif

typedef enum {
  AISP_FRESH = 0,    /* read only; drawn anew by the judge before every timed call */
  AISP_CONSTANT = 1, /* read only; holds its real values from bind on (weights) */
  AISP_INOUT = 2,    /* state: restored by the judge before every call, written by run */
  AISP_OUTPUT = 3    /* poisoned by the judge before every call, written whole by run */
} aisp_role;

typedef struct {
  const char* name;
  int64_t value;
} aisp_param;

typedef struct {
  const char* name;
  int32_t role;    /* aisp_role */
  DLTensor tensor; /* shape and dtype; data is NULL here, the address comes with bind */
} aisp_tensor_info;

typedef struct {
  uint32_t size;      /* sizeof(aisp_setup) as the worker was built */
  const char* target; /* "ch09:softmax" */
  int32_t num_params;
  const aisp_param* params;
  int32_t num_tensors;
  const aisp_tensor_info* tensors; /* in the order in which the workload declares them */
  int32_t max_slots;               /* bind is called with 0 <= slot < max_slots */
  int32_t threads;                 /* how many threads run may use at once */
  DLDevice device;
  void* stream;        /* cudaStream_t on CUDA devices, else NULL */
  const char* scratch; /* a private writable directory, emptied afterwards */
} aisp_setup;

/* What one argument of run must be; checked by the worker against the workload before prepare. */
typedef struct {
  DLDataType dtype;
  int32_t ndim;
  int32_t writable; /* 1 for AISP_INOUT and AISP_OUTPUT */
} aisp_argument;

typedef struct {
  uint32_t size;      /* sizeof(aisp_variant) as the plugin was built */
  const char* target; /* "ch09:softmax", or "" when the user names the workload */
  const char* name;   /* "baseline", "online", ... */
  const char* about;  /* one line */
  DLDeviceType device;
  int32_t threads;       /* threads that run uses at once: 1, 2, ...; 0 = as many as the judge gives */
  int32_t num_arguments; /* -1: not declared, any workload */
  const aisp_argument* arguments;
  const char* (*prepare)(const aisp_setup* setup, void** state);
  const char* (*bind)(void* state, int32_t slot, const DLTensor* const* tensors, int32_t num_tensors);
  const char* (*run)(void* state, int32_t slot);
  void (*release)(void* state);
} aisp_variant;

typedef struct {
  uint32_t abi_version; /* AISP_ABI_VERSION as the plugin was built */
  int32_t num_variants;
  const aisp_variant* const* variants;
} aisp_plugin;

/* The one symbol that a plugin exports. */
#define AISP_PLUGIN_SYMBOL "aisp_plugin_v1"
typedef const aisp_plugin* (*aisp_plugin_fn)(void);

#ifdef __cplusplus
}
#endif
#endif /* AISP_PLUGIN_H */
