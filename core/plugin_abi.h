/* The contract between pimjit and a target plugin, in C. Prose, life cycle, threads, memory and
 * examples: docs/plugins.md. A plugin exports one symbol, pj_plugin_query. Rules for both sides:
 *  - Every struct begins with struct_size, set by its writer; a reader takes fields beyond it as 0.
 *    Arrays carry their element stride. Major versions must match, the smaller minor is in force.
 *  - A null function means "not supported"; only those marked [required] must be there.
 *  - A function returns null, or an error that the caller releases through error->release. Out
 *    parameters are written on success only. No exception, C++ object or compiler type crosses;
 *    nothing changes signal handlers, locale or FP mode.
 *  - Texts are UTF-8 with a size, valid until the object they came with is released.
 *  - pj_plugin functions may be called from several threads at once, and so may those of one
 *    pj_device: the plugin serialises them. Nobody calls the plugin from a host service.
 *  - Kernels cross as serialised bytes (docs/ir.md); a plugin states the highest version it reads.
 *  - Units: an operation names instances [first, first + count) of the scope (copies) or of the
 *    unit level (launches), counted linearly, outermost level slowest. Offsets and sizes are bytes
 *    inside one instance.
 */
#ifndef PIMJIT_CORE_PLUGIN_ABI_H_
#define PIMJIT_CORE_PLUGIN_ABI_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PJ_ABI_MAJOR 1
#define PJ_ABI_MINOR 0

#define PJ_EXPORT __attribute__((visibility("default")))

typedef struct pj_plugin pj_plugin; /* one configured use of the plugin; owned by the host */
typedef struct pj_device pj_device; /* an opened machine */
typedef struct pj_module pj_module; /* an image loaded on a device */
typedef struct pj_event pj_event;   /* an operation under way or finished */

typedef struct pj_text {
  uint32_t struct_size;
  uint32_t size; /* bytes */
  const char* data;
} pj_text;

typedef enum pj_code {
  PJ_OK = 0,
  PJ_INVALID_ARGUMENT = 1, /* null, negative, out of range, wrong state: a mistake of the caller */
  PJ_MISALIGNED = 2,       /* an address or size that breaks a link's alignment or multiple */
  PJ_OUT_OF_RANGE = 3,     /* an offset, size or unit beyond what exists */
  PJ_OUT_OF_MEMORY = 4,
  PJ_BAD_KERNEL = 5,   /* bytes that are no kernel, or of a version that is too new */
  PJ_REJECTED = 6,     /* a kernel that this target cannot run; the reasons say why */
  PJ_UNSUPPORTED = 7,  /* a feature that this plugin does not have */
  PJ_UNAVAILABLE = 8,  /* the machine is absent, busy or gone */
  PJ_DEVICE_FAULT = 9, /* the program went wrong on the device */
  PJ_TIMEOUT = 10,
  PJ_CANCELLED = 11,
  PJ_INTERNAL = 12
} pj_code;

typedef struct pj_error {
  uint32_t struct_size;
  int32_t code; /* pj_code */
  pj_text message;
  pj_text hint;
  const struct pj_error* cause; /* owned by this error; may be null */
  void (*release)(struct pj_error* error);
  void* owner; /* the plugin's own */
} pj_error;

/* ---- services of the host, handed to create() and valid until destroy() returns ---- */
typedef enum pj_log_level {
  PJ_LOG_DEBUG = 0,
  PJ_LOG_INFO = 1,
  PJ_LOG_WARNING = 2,
  PJ_LOG_ERROR = 3
} pj_log_level;
typedef struct pj_host {
  uint32_t struct_size;
  uint32_t abi_major, abi_minor;
  void* self;
  void* (*allocate)(void* self, uint64_t bytes, uint64_t alignment); /* null when out of memory */
  void (*release)(void* self, void* memory);
  void (*log)(void* self, int32_t level, pj_text message);
  int32_t (*cancelled)(void* self); /* non-zero: give up soon with PJ_CANCELLED */
} pj_host;

typedef struct pj_option { /* key=value of the target string, and the [plugin] table of the
                              description */
  uint32_t struct_size;
  pj_text key, value;
} pj_option;
typedef struct pj_options {
  uint32_t struct_size;
  uint32_t count, stride;
  const pj_option* items;
} pj_options;

/* ---- kernels, reasons, images ---- */
typedef struct pj_kernel {
  uint32_t struct_size;
  const void* bytes;
  uint64_t size;
} pj_kernel;

typedef struct pj_reason { /* why a kernel cannot run, as legality answers elsewhere: what, where,
                              have, limit */
  uint32_t struct_size;
  pj_text code;  /* snake_case, e.g. "program_too_large" */
  pj_text place; /* buffer, loop or statement; may be empty */
  int64_t have, limit;
  pj_text message;
} pj_reason;
typedef struct pj_reasons {
  uint32_t struct_size;
  uint32_t count, stride; /* count 0: nothing against it */
  const pj_reason* items;
  void (*release)(struct pj_reasons* reasons);
  void* owner;
} pj_reasons;

typedef struct pj_counter { /* a named figure: instructions by kind, stalls, bytes, cycles ... */
  uint32_t struct_size;
  pj_text name, unit;
  double value;
} pj_counter;
typedef struct pj_counters { /* also the answer of estimate(): cost features by name */
  uint32_t struct_size;
  uint32_t count, stride;
  const pj_counter* items;
  void (*release)(struct pj_counters* counters);
  void* owner;
} pj_counters;

typedef struct pj_image { /* a built kernel; bytes may be stored and loaded by another process of
                             the same plugin build */
  uint32_t struct_size;
  const void* bytes; /* null when rejected */
  uint64_t size;
  pj_text log;
  pj_counters counters; /* its release is null: freed with the image */
  pj_reasons reasons;   /* count > 0 exactly when bytes is null; release null */
  void (*release)(struct pj_image* image);
  void* owner;
} pj_image;

/* ---- running ---- */
typedef struct pj_memory { /* memory reserved in every instance of a scope */
  uint32_t struct_size;
  uint32_t scope;     /* index in the description */
  uint64_t handle;    /* the plugin's */
  uint64_t base;      /* offset inside the scope that kernels use for byte 0 of this memory */
  uint64_t bytes;     /* per instance */
  void* host_address; /* direct scopes: where the host finds it; else null */
} pj_memory;

typedef struct pj_units {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t first, count;
} pj_units;

typedef struct pj_dependencies { /* events that must have finished first */
  uint32_t struct_size;
  uint32_t count;
  pj_event* const* events;
} pj_dependencies;

typedef enum pj_direction { PJ_TO_DEVICE = 0, PJ_FROM_DEVICE = 1 } pj_direction;
typedef struct pj_copy {
  uint32_t struct_size;
  int32_t direction; /* pj_direction */
  pj_memory memory;
  uint64_t offset;       /* bytes from the start of `memory`, the same in every instance */
  uint64_t bytes;        /* per instance; 0 is valid and moves nothing */
  pj_units units;        /* instances of the memory's scope */
  void* const* pointers; /* one host address per instance, equal ones are allowed to the device;
                            null entries are skipped */
  void* broadcast;       /* instead of `pointers`, to the device only: one source for all */
  pj_dependencies after;
} pj_copy;

typedef struct pj_launch {
  uint32_t struct_size;
  pj_module* module;
  pj_units units;           /* instances of the unit level */
  const int64_t* arguments; /* the kernel's launch arguments in order */
  uint32_t argument_count;
  uint32_t constant_count;         /* per-unit constants, for kernels that declare them */
  const int64_t* const* constants; /* constant_count values per unit; null when there are none */
  pj_dependencies after;
} pj_launch;

typedef enum pj_origin { PJ_MEASURED = 0, PJ_MODELLED = 1 } pj_origin;
typedef struct pj_event_info {
  uint32_t struct_size;
  int32_t finished; /* 0 while under way */
  int32_t origin;   /* pj_origin of duration_ns */
  uint32_t reserved;
  double duration_ns;
  double start_ns; /* on the device's own time line; 0 if it has none */
} pj_event_info;

/* ---- the table ---- */
typedef struct pj_plugin_api {
  uint32_t struct_size;
  uint32_t abi_major, abi_minor;
  uint32_t kernel_version; /* highest version of serialised kernels it reads */
  pj_text name;            /* as in the manifest */
  pj_text build;           /* identifies this build; part of cache keys */
  pj_error* (*create)(const pj_host* host, const pj_options* options, pj_plugin** out);
  /* destroy joins the plugin's threads; everything made from it is released before. create,
   * destroy and build_kernel are [required] */
  void (*destroy)(pj_plugin* plugin);
  /* may adapt the description file's text to the options or the machine; absent: as the file is */
  pj_error* (*describe)(pj_plugin* plugin, pj_text file_text, pj_text* out);
  /* cheap bounds, cheap cost features */
  pj_error* (*check)(pj_plugin* plugin, const pj_kernel* kernel, pj_reasons** out);
  pj_error* (*estimate)(pj_plugin* plugin, const pj_kernel* kernel, pj_counters** out);
  pj_error* (*build_kernel)(pj_plugin* plugin, const pj_kernel* kernel, const pj_options* options,
                            pj_image** out);
  /* run group: absent as a whole when the plugin can only build. close waits for what is under
   * way; the device's modules, memories and events are released before */
  pj_error* (*open)(pj_plugin* plugin, const pj_options* options, pj_device** out);
  void (*close)(pj_device* device);
  pj_error* (*alloc)(pj_device* device, uint32_t scope, uint64_t bytes, uint64_t alignment,
                     pj_memory* out);
  pj_error* (*free_memory)(pj_device* device, const pj_memory* memory);
  /* optional, direct scopes */
  pj_error* (*import_host)(pj_device* device, void* address, uint64_t bytes, pj_memory* out);
  pj_error* (*load)(pj_device* device, const void* image, uint64_t size, pj_module** out);
  void (*unload)(pj_module* module);
  pj_error* (*copy)(pj_device* device, const pj_copy* copy, pj_event** out);
  pj_error* (*launch)(pj_device* device, const pj_launch* launch, pj_event** out);
  pj_error* (*wait)(pj_event* event); /* returns the operation's own error, if any */
  pj_error* (*query)(pj_event* event, pj_event_info* out);
  /* optional; the event then finishes with PJ_CANCELLED or as if nothing had happened */
  pj_error* (*cancel)(pj_event* event);
  void (*release_event)(pj_event* event);
  /* optional: figures of a finished launch */
  pj_error* (*counters)(pj_device* device, pj_event* launch, pj_counters** out);
} pj_plugin_api;

/* The one exported symbol. No side effects; null when the host's major version is unsupported. */
PJ_EXPORT const pj_plugin_api* pj_plugin_query(uint32_t host_abi_major, uint32_t host_abi_minor);
typedef const pj_plugin_api* (*pj_plugin_query_fn)(uint32_t host_abi_major,
                                                   uint32_t host_abi_minor);

#ifdef __cplusplus
}
#endif

#endif /* PIMJIT_CORE_PLUGIN_ABI_H_ */
