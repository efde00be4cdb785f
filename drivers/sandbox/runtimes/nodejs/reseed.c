/*
 * Node-API addon without headers, so that it builds with nothing but a C compiler:
 *   cc -O2 -shared -fPIC -o reseed.node reseed.c
 * reseed()      takes fresh entropy from the kernel into OpenSSL's primary generator; the generators of all threads follow.
 *               1 = done, -1 = this Node does not export OpenSSL's RAND_poll.
 * reseed.trim() gives freed heap pages back to the kernel, so that they are not written into a checkpoint.
 */
#include <stddef.h>

typedef void *napi_env;
typedef void *napi_value;
typedef void *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);

extern int napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);
extern int napi_create_int32(napi_env, int, napi_value *);
extern int napi_set_named_property(napi_env, napi_value, const char *, napi_value);
extern int RAND_poll(void) __attribute__((weak));
extern int malloc_trim(size_t) __attribute__((weak));

static napi_value number(napi_env env, int value) {
  napi_value result = 0;
  napi_create_int32(env, value, &result);
  return result;
}

static napi_value reseed(napi_env env, napi_callback_info info) {
  (void)info;
  return number(env, RAND_poll ? RAND_poll() : -1);
}

static napi_value trim(napi_env env, napi_callback_info info) {
  (void)info;
  return number(env, malloc_trim ? malloc_trim(0) : 0);
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  napi_value result = 0, trimmer = 0;
  (void)exports;
  napi_create_function(env, "reseed", 6, reseed, 0, &result);
  napi_create_function(env, "trim", 4, trim, 0, &trimmer);
  napi_set_named_property(env, result, "trim", trimmer);
  return result;
}

__attribute__((visibility("default"))) int node_api_module_get_api_version_v1(void) { return 8; }
