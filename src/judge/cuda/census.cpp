// Where each fact comes from: kernels, copies, memsets and allocations are CUPTI activity records; contexts, streams
// and modules are resource callbacks; what orders work (events, waits, synchronisation), host functions and graph
// launches are callbacks at the end of the API calls, because their activity records lack what is needed here. A
// runtime call and the driver call it makes are one request: only the outer one counts.
#include "judge/cuda/census.hpp"

#include "device/cpu/elf.hpp"
#include "device/cuda/runtime.hpp"

#include <cupti.h>
#include <dlfcn.h>
#include <link.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <string_view>
#include <thread>
#include <vector>

namespace aisp::judge {
namespace {

namespace cuda = device::cuda;

constexpr std::size_t kBufferBytes = 1 << 20;
constexpr auto kDrainTimeout = std::chrono::seconds(2);
constexpr int kMaxGraphDepth = 8;  // child graphs within child graphs

struct Cupti {
  decltype(&cuptiGetVersion) getVersion = nullptr;
  decltype(&cuptiGetErrorMessage) getErrorMessage = nullptr;
  decltype(&cuptiSubscribe) subscribe = nullptr;
  decltype(&cuptiEnableCallback) enableCallback = nullptr;
  decltype(&cuptiActivityRegisterCallbacks) registerCallbacks = nullptr;
  decltype(&cuptiActivityEnable) enable = nullptr;
  decltype(&cuptiActivityFlushAll) flushAll = nullptr;
  decltype(&cuptiActivityGetNextRecord) getNextRecord = nullptr;
  decltype(&cuptiActivityGetNumDroppedRecords) getNumDroppedRecords = nullptr;
  decltype(&cuptiGetStreamIdEx) getStreamIdEx = nullptr;
};

bool open_cupti(const std::string& folders, Cupti& c, std::string& why) {
  void* library = nullptr;  // never closed: the driver calls into it until the process ends
  std::istringstream list(folders);
  for (std::string folder; !library && std::getline(list, folder, ':');)
    for (const char* name : {"/libcupti.so.13", "/libcupti.so"})
      if (!library) library = dlopen((folder + name).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) library = dlopen("libcupti.so.13", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    why = std::string("CUPTI cannot be opened: ") + dlerror();
    return false;
  }
  const auto find = [&](const char* name, auto& function) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
    if (!function && why.empty()) why = std::string("CUPTI has no ") + name;
  };
  find("cuptiGetVersion", c.getVersion);
  find("cuptiGetErrorMessage", c.getErrorMessage);
  find("cuptiSubscribe", c.subscribe);
  find("cuptiEnableCallback", c.enableCallback);
  find("cuptiActivityRegisterCallbacks", c.registerCallbacks);
  find("cuptiActivityEnable", c.enable);
  find("cuptiActivityFlushAll", c.flushAll);
  find("cuptiActivityGetNextRecord", c.getNextRecord);
  find("cuptiActivityGetNumDroppedRecords", c.getNumDroppedRecords);
  find("cuptiGetStreamIdEx", c.getStreamIdEx);
  return why.empty();
}

// A request to the driver and where its arguments are. Every parameter structure begins with pointers.
struct Hook {
  CUpti_CallbackDomain domain;
  CUpti_CallbackId id;
  ActivityKind kind;
  int stream = -1, event = -1;  // which parameter
  bool per_thread = false;      // stream 0 is the thread's own
};

constexpr auto kRuntime = CUPTI_CB_DOMAIN_RUNTIME_API;
constexpr auto kDriver = CUPTI_CB_DOMAIN_DRIVER_API;
constexpr auto kInstantiate = ActivityKind::none;  // not an activity: a graph's nodes are counted

constexpr Hook kHooks[] = {
    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaEventRecord_v3020, ActivityKind::event_record, 1, 0},
    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaEventRecord_ptsz_v7000, ActivityKind::event_record, 1, 0, true},
    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaEventRecordWithFlags_v11010, ActivityKind::event_record, 1, 0},
    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaEventRecordWithFlags_ptsz_v11010, ActivityKind::event_record, 1, 0, true},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuEventRecord, ActivityKind::event_record, 1, 0},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuEventRecord_ptsz, ActivityKind::event_record, 1, 0, true},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuEventRecordWithFlags, ActivityKind::event_record, 1, 0},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuEventRecordWithFlags_ptsz, ActivityKind::event_record, 1, 0, true},

    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaStreamWaitEvent_v3020, ActivityKind::stream_wait, 0, 1},
    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaStreamWaitEvent_ptsz_v7000, ActivityKind::stream_wait, 0, 1, true},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuStreamWaitEvent, ActivityKind::stream_wait, 0, 1},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuStreamWaitEvent_ptsz, ActivityKind::stream_wait, 0, 1, true},

    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaStreamSynchronize_v3020, ActivityKind::stream_sync, 0},
    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaStreamSynchronize_ptsz_v7000, ActivityKind::stream_sync, 0, -1, true},
    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaStreamQuery_v3020, ActivityKind::stream_sync, 0},
    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaStreamQuery_ptsz_v7000, ActivityKind::stream_sync, 0, -1, true},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuStreamSynchronize, ActivityKind::stream_sync, 0},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuStreamSynchronize_ptsz, ActivityKind::stream_sync, 0, -1, true},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuStreamQuery, ActivityKind::stream_sync, 0},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuStreamQuery_ptsz, ActivityKind::stream_sync, 0, -1, true},

    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaEventSynchronize_v3020, ActivityKind::event_sync, -1, 0},
    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaEventQuery_v3020, ActivityKind::event_sync, -1, 0},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuEventSynchronize, ActivityKind::event_sync, -1, 0},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuEventQuery, ActivityKind::event_sync, -1, 0},

    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaDeviceSynchronize_v3020, ActivityKind::device_sync},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuCtxSynchronize, ActivityKind::device_sync},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuCtxSynchronize_v2, ActivityKind::device_sync},

    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaLaunchHostFunc_v10000, ActivityKind::host_function, 0},
    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaLaunchHostFunc_ptsz_v10000, ActivityKind::host_function, 0, -1, true},
    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaStreamAddCallback_v5000, ActivityKind::host_function, 0},
    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaStreamAddCallback_ptsz_v7000, ActivityKind::host_function, 0, -1, true},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuLaunchHostFunc, ActivityKind::host_function, 0},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuLaunchHostFunc_ptsz, ActivityKind::host_function, 0, -1, true},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuStreamAddCallback, ActivityKind::host_function, 0},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuStreamAddCallback_ptsz, ActivityKind::host_function, 0, -1, true},

    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaGraphLaunch_v10000, ActivityKind::graph_launch, 1},
    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaGraphLaunch_ptsz_v10000, ActivityKind::graph_launch, 1, -1, true},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuGraphLaunch, ActivityKind::graph_launch, 1},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuGraphLaunch_ptsz, ActivityKind::graph_launch, 1, -1, true},

    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaGraphInstantiate_v10000, kInstantiate},
    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaGraphInstantiate_v12000, kInstantiate},
    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaGraphInstantiateWithFlags_v11040, kInstantiate},
    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaGraphInstantiateWithParams_v12000, kInstantiate},
    {kRuntime, CUPTI_RUNTIME_TRACE_CBID_cudaGraphInstantiateWithParams_ptsz_v12000, kInstantiate},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuGraphInstantiate, kInstantiate},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuGraphInstantiate_v2, kInstantiate},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuGraphInstantiateWithFlags, kInstantiate},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuGraphInstantiateWithParams, kInstantiate},
    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuGraphInstantiateWithParams_ptsz, kInstantiate},

    {kDriver, CUPTI_DRIVER_TRACE_CBID_cuMemCreate, ActivityKind::allocation},
};

const Hook* find_hook(CUpti_CallbackDomain domain, CUpti_CallbackId id) {
  for (const auto& h : kHooks)
    if (h.domain == domain && h.id == id) return &h;
  return nullptr;
}

const char* copy_name(std::uint8_t kind) {
  switch (kind) {
    case CUPTI_ACTIVITY_MEMCPY_KIND_HTOD: return "H2D";
    case CUPTI_ACTIVITY_MEMCPY_KIND_DTOH: return "D2H";
    case CUPTI_ACTIVITY_MEMCPY_KIND_DTOD: return "D2D";
    case CUPTI_ACTIVITY_MEMCPY_KIND_HTOH: return "H2H";
    case CUPTI_ACTIVITY_MEMCPY_KIND_PTOP: return "P2P";
    case CUPTI_ACTIVITY_MEMCPY_KIND_HTOA:
    case CUPTI_ACTIVITY_MEMCPY_KIND_ATOH:
    case CUPTI_ACTIVITY_MEMCPY_KIND_ATOA:
    case CUPTI_ACTIVITY_MEMCPY_KIND_ATOD:
    case CUPTI_ACTIVITY_MEMCPY_KIND_DTOA: return "array";
    default: return "unknown";
  }
}

void set_name(ActivityRecord& r, const char* name) {
  std::strncpy(r.name, name ? name : "?", sizeof r.name - 1);
  r.name[sizeof r.name - 1] = '\0';
}

struct Nodes {
  std::uint32_t all = 0, host = 0;
};
void count_nodes(cudaGraph_t graph, int depth, Nodes& into) {
  std::size_t n = 0;
  if (depth > kMaxGraphDepth || cudaGraphGetNodes(graph, nullptr, &n) != cudaSuccess || n == 0) return;
  std::vector<cudaGraphNode_t> nodes(n);
  if (cudaGraphGetNodes(graph, nodes.data(), &n) != cudaSuccess) return;
  for (const auto node : nodes) {
    cudaGraphNodeType type{};
    if (cudaGraphNodeGetType(node, &type) != cudaSuccess) continue;
    cudaGraph_t child = nullptr;
    if (type == cudaGraphNodeTypeGraph && cudaGraphChildGraphNodeGetGraph(node, &child) == cudaSuccess) {
      count_nodes(child, depth + 1, into);
      continue;
    }
    ++into.all;
    into.host += type == cudaGraphNodeTypeHost;
  }
}

std::set<std::string> loaded_libraries() {
  std::set<std::string> names;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* into) {
        if (info->dlpi_name && *info->dlpi_name) static_cast<std::set<std::string>*>(into)->insert(info->dlpi_name);
        return 0;
      },
      &names);
  return names;
}

// Whether the device comes to rest in time. Asked by a thread of its own: with a kernel that never ends, the question
// never returns.
bool device_rests() {
  const auto rests = std::make_shared<std::atomic<bool>>(false);
  std::thread([rests] {
    cudaSetDevice(0);
    cudaDeviceSynchronize();
    *rests = true;
  }).detach();
  const auto deadline = std::chrono::steady_clock::now() + kDrainTimeout;
  while (!*rests && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  return *rests;
}

class CuptiRecorder : public CensusRecorder {
 public:
  CuptiRecorder(const Cupti& cupti, std::uint32_t version)
      : cupti_(cupti), tool_("CUPTI " + std::to_string(version)), libraries_(loaded_libraries()) {
    instance() = this;
    records_.reserve(kMaxActivities);
    check(cupti_.subscribe(&subscriber_, &CuptiRecorder::on_callback, this), "cuptiSubscribe");
    check(cupti_.registerCallbacks(&CuptiRecorder::on_buffer_wanted, &CuptiRecorder::on_buffer_done),
          "cuptiActivityRegisterCallbacks");
    for (const auto kind : {CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_MEMCPY,
                            CUPTI_ACTIVITY_KIND_MEMCPY2, CUPTI_ACTIVITY_KIND_MEMSET, CUPTI_ACTIVITY_KIND_MEMORY2})
      check(cupti_.enable(kind), "cuptiActivityEnable");
    for (const auto& h : kHooks) check(cupti_.enableCallback(1, subscriber_, h.domain, h.id), "cuptiEnableCallback");
    for (const auto id :
         {CUPTI_CBID_RESOURCE_CONTEXT_CREATED, CUPTI_CBID_RESOURCE_STREAM_CREATED, CUPTI_CBID_RESOURCE_MODULE_LOADED})
      check(cupti_.enableCallback(1, subscriber_, CUPTI_CB_DOMAIN_RESOURCE, id), "cuptiEnableCallback");
  }

  void discard() override {
    cupti_.flushAll(0);
    const std::lock_guard lock(mutex_);
    records_.clear();
    dropped_ = 0;
    libraries_ = loaded_libraries();
  }

  void run(const Call& call, void* stream, Batch batch) override {
    const auto given = static_cast<cudaStream_t>(stream);
    for (std::int32_t slot; (slot = batch.next()) >= 0;) {
      cuda::launch_census_marker(given);
      throw_if(call(slot));
      AISP_CUDA_CHECK(cudaGetLastError());
      cuda::launch_census_marker(given);
    }
    cudaError_t state;
    while ((state = cudaStreamQuery(given)) == cudaErrorNotReady) cpu_relax();
    AISP_CUDA_CHECK(state);
  }

  void collect(WorkerPage& page) override {
    std::snprintf(page.census_tool, sizeof page.census_tool, "%s", tool_.c_str());
    page.drained = device_rests();
    cupti_.flushAll(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED);
    note_new_libraries();
    const std::lock_guard lock(mutex_);
    page.num_activities = static_cast<std::int32_t>(records_.size());
    page.dropped = dropped_;
    for (std::size_t i = 0; i < records_.size(); ++i) page.activities[i] = records_[i];
    records_.clear();
    dropped_ = 0;
  }

 private:
  // CUPTI's buffer callbacks carry no user data.
  static CuptiRecorder*& instance() {
    static CuptiRecorder* self = nullptr;
    return self;
  }

  void check(CUptiResult result, const char* call) const {
    if (result == CUPTI_SUCCESS) return;
    const char* meaning = nullptr;
    cupti_.getErrorMessage(result, &meaning);
    throw std::runtime_error(std::string(call) + ": " + (meaning ? meaning : std::to_string(result)));
  }

  void add(const ActivityRecord& r) {
    const std::lock_guard lock(mutex_);
    if (records_.size() < static_cast<std::size_t>(kMaxActivities))
      records_.push_back(r);
    else
      ++dropped_;
  }

  void note_new_libraries() {
    auto now = loaded_libraries();
    for (const auto& name : now)
      if (!libraries_.contains(name)) {
        ActivityRecord r;
        r.kind = ActivityKind::library;
        // The end of a path says more than its beginning.
        const auto cut = name.size() < sizeof r.name ? 0 : name.size() - sizeof r.name + 1;
        set_name(r, name.c_str() + cut);
        add(r);
      }
    libraries_ = std::move(now);
  }

  static void CUPTIAPI on_buffer_wanted(std::uint8_t** buffer, std::size_t* size, std::size_t* most_records) {
    *buffer = static_cast<std::uint8_t*>(std::aligned_alloc(64, kBufferBytes));
    *size = *buffer ? kBufferBytes : 0;
    *most_records = 0;  // as many as fit
  }

  static void CUPTIAPI on_buffer_done(CUcontext context, std::uint32_t stream, std::uint8_t* buffer, std::size_t,
                                      std::size_t valid) {
    auto& self = *instance();
    CUpti_Activity* record = nullptr;
    while (valid > 0 && self.cupti_.getNextRecord(buffer, valid, &record) == CUPTI_SUCCESS) self.add_activity(*record);
    std::size_t dropped = 0;
    if (self.cupti_.getNumDroppedRecords(context, stream, &dropped) == CUPTI_SUCCESS) {
      const std::lock_guard lock(self.mutex_);
      self.dropped_ += dropped;
    }
    std::free(buffer);
  }

  template <class Record> static ActivityRecord work(ActivityKind kind, const Record& from) {
    ActivityRecord r;
    r.kind = kind;
    r.order = from.correlationId;
    r.stream = from.streamId;
    r.device = from.deviceId;
    r.graph = from.graphId;
    r.start = from.start;
    r.end = from.end;
    return r;
  }

  void add_activity(const CUpti_Activity& record) {
    switch (record.kind) {
      case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL:
      case CUPTI_ACTIVITY_KIND_KERNEL: {
        const auto& k = reinterpret_cast<const CUpti_ActivityKernel10&>(record);
        auto r = work(ActivityKind::kernel, k);
        const std::int32_t grid[] = {k.gridX, k.gridY, k.gridZ}, block[] = {k.blockX, k.blockY, k.blockZ};
        std::memcpy(r.grid, grid, sizeof grid);
        std::memcpy(r.block, block, sizeof block);
        r.registers = k.registersPerThread;
        r.shared_bytes = static_cast<std::uint32_t>(k.staticSharedMemory + k.dynamicSharedMemory);
        const bool cooperative = k.launchType == CUPTI_ACTIVITY_LAUNCH_TYPE_COOPERATIVE_SINGLE_DEVICE ||
                                 k.launchType == CUPTI_ACTIVITY_LAUNCH_TYPE_COOPERATIVE_MULTI_DEVICE;
        r.flags = (cooperative ? kCooperative : 0u) | (k.isDeviceLaunched ? kDeviceLaunched : 0u);
        set_name(r, k.name ? device::function_name(k.name).c_str() : nullptr);
        add(r);
        break;
      }
      case CUPTI_ACTIVITY_KIND_MEMCPY: {
        const auto& c = reinterpret_cast<const CUpti_ActivityMemcpy6&>(record);
        auto r = work(ActivityKind::copy, c);
        r.bytes = c.bytes;
        r.flags = ((c.flags & CUPTI_ACTIVITY_FLAG_MEMCPY_ASYNC) ? kAsynchronous : 0u) |
                  (c.isDeviceLaunched ? kDeviceLaunched : 0u);
        set_name(r, copy_name(c.copyKind));
        add(r);
        break;
      }
      case CUPTI_ACTIVITY_KIND_MEMCPY2: {
        const auto& c = reinterpret_cast<const CUpti_ActivityMemcpyPtoP4&>(record);
        auto r = work(ActivityKind::copy, c);
        r.bytes = c.bytes;
        r.flags = (c.flags & CUPTI_ACTIVITY_FLAG_MEMCPY_ASYNC) ? kAsynchronous : 0u;
        set_name(r, copy_name(c.copyKind));
        add(r);
        break;
      }
      case CUPTI_ACTIVITY_KIND_MEMSET: {
        const auto& m = reinterpret_cast<const CUpti_ActivityMemset4&>(record);
        auto r = work(ActivityKind::memset, m);
        r.bytes = m.bytes;
        r.flags = m.isDeviceLaunched ? kDeviceLaunched : 0u;
        add(r);
        break;
      }
      case CUPTI_ACTIVITY_KIND_MEMORY2: {
        const auto& m = reinterpret_cast<const CUpti_ActivityMemory4&>(record);
        ActivityRecord r;
        r.kind = m.memoryOperationType == CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_ALLOCATION ? ActivityKind::allocation
                                                                                          : ActivityKind::release;
        r.order = m.correlationId;
        r.device = m.deviceId;
        r.bytes = m.bytes;
        add(r);
        break;
      }
      default: break;
    }
  }

  static void CUPTIAPI on_callback(void* self, CUpti_CallbackDomain domain, CUpti_CallbackId id, const void* data) {
    if (domain == CUPTI_CB_DOMAIN_RESOURCE)
      static_cast<CuptiRecorder*>(self)->add_resource(id, *static_cast<const CUpti_ResourceData*>(data));
    else if (const auto* hook = find_hook(domain, id))
      static_cast<CuptiRecorder*>(self)->add_request(*hook, *static_cast<const CUpti_CallbackData*>(data));
  }

  void add_resource(CUpti_CallbackId id, const CUpti_ResourceData& data) {
    ActivityRecord r;
    if (id == CUPTI_CBID_RESOURCE_CONTEXT_CREATED) {
      r.kind = ActivityKind::context;
    } else if (id == CUPTI_CBID_RESOURCE_STREAM_CREATED) {
      r.kind = ActivityKind::stream;
    } else {
      r.kind = ActivityKind::module;
      if (const auto* module = static_cast<const CUpti_ModuleResourceData*>(data.resourceDescriptor)) {
        r.bytes = module->cubinSize;
        constexpr std::string_view kDeviceRuntime = "CDP2LaunchDevice";  // as libcudadevrt.a calls it
        if (module->pCubin && memmem(module->pCubin, module->cubinSize, kDeviceRuntime.data(), kDeviceRuntime.size()))
          r.flags = kCanLaunchKernels;
      }
    }
    add(r);
  }

  void add_request(const Hook& hook, const CUpti_CallbackData& data) {
    thread_local int within_runtime = 0;
    const bool runtime = hook.domain == kRuntime;
    if (data.callbackSite == CUPTI_API_ENTER) {
      within_runtime += runtime;
      return;
    }
    if (runtime && within_runtime > 0) --within_runtime;
    if (within_runtime > 0) return;  // part of a request that is counted already
    const int* result = static_cast<const int*>(data.functionReturnValue);
    if (!result || *result != 0) return;  // 0 is success in either interface
    const auto* parameters = static_cast<void* const*>(data.functionParams);

    if (hook.kind == kInstantiate) {
      Nodes nodes;
      count_nodes(static_cast<cudaGraph_t>(parameters[1]), 0, nodes);
      const std::lock_guard lock(mutex_);
      graphs_[*static_cast<void**>(parameters[0])] = nodes;
      return;
    }
    ActivityRecord r;
    r.kind = hook.kind;
    r.order = data.correlationId;
    if (hook.stream >= 0)
      cupti_.getStreamIdEx(data.context, static_cast<CUstream>(parameters[hook.stream]), hook.per_thread, &r.stream);
    if (hook.event >= 0) r.event = reinterpret_cast<std::uint64_t>(parameters[hook.event]);
    if (hook.kind == ActivityKind::graph_launch) {
      const std::lock_guard lock(mutex_);
      const auto known = graphs_.find(parameters[0]);
      if (known != graphs_.end()) r.nodes = known->second.all, r.host_nodes = known->second.host;
    }
    if (hook.kind == ActivityKind::allocation)
      r.bytes = static_cast<const cuMemCreate_params*>(data.functionParams)->size;
    add(r);
  }

  const Cupti cupti_;
  const std::string tool_;
  CUpti_SubscriberHandle subscriber_ = nullptr;
  std::mutex mutex_;
  std::vector<ActivityRecord> records_;
  std::uint64_t dropped_ = 0;
  std::map<void*, Nodes> graphs_;  // by executable graph
  std::set<std::string> libraries_;
};

}  // namespace

std::unique_ptr<CensusRecorder> start_census(const Startup& startup, std::string& why) {
  Cupti cupti;
  if (!open_cupti(startup.libraries, cupti, why)) return nullptr;
  std::uint32_t version = 0;
  cupti.getVersion(&version);
  if (version < CUPTI_API_VERSION) {
    why = "CUPTI " + std::to_string(version) + " is older than " + std::to_string(CUPTI_API_VERSION) +
          ", which this aisp was built for";
    return nullptr;
  }
  try {
    return std::make_unique<CuptiRecorder>(cupti, version);
  } catch (const std::runtime_error& e) {
    why = e.what();
    return nullptr;
  }
}

}  // namespace aisp::judge
