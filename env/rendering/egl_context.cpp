// SPDX-License-Identifier: MIT
#include "env/rendering/egl_context.h"

#include <dlfcn.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace longplay {
namespace {

// The few names of EGL 1.5 that are needed here, so that its headers are not.
using EglInt = int32_t;
constexpr EglInt kNone = 0x3038;
constexpr EglInt kRedSize = 0x3024, kGreenSize = 0x3023, kBlueSize = 0x3022, kAlphaSize = 0x3021;
constexpr EglInt kDepthSize = 0x3025, kStencilSize = 0x3026;
constexpr EglInt kSurfaceType = 0x3033, kPbufferBit = 0x0001;
constexpr EglInt kRenderableType = 0x3040, kOpenglBit = 0x0008;
constexpr unsigned kOpenglApi = 0x30A2;
constexpr unsigned kPlatformDevice = 0x313F, kPlatformSurfaceless = 0x31DD;

[[noreturn]] void Fail(const std::string& what) {
  throw std::runtime_error(
      "rendering off-screen: EGL: expected a working libEGL (Debian packages "
      "libegl1 libgl1 libegl-mesa0 libgl1-mesa-dri), got " +
      what);
}

struct Egl {
  void* (*get_proc_address)(const char*);
  void* (*get_platform_display)(unsigned, void*, const EglInt*);
  unsigned (*query_devices)(EglInt, void**, EglInt*);
  unsigned (*initialize)(void*, EglInt*, EglInt*);
  unsigned (*bind_api)(unsigned);
  unsigned (*choose_config)(void*, const EglInt*, void**, EglInt, EglInt*);
  void* (*create_context)(void*, void*, void*, const EglInt*);
  unsigned (*destroy_context)(void*, void*);
  unsigned (*make_current)(void*, void*, void*, void*);

  Egl() {
    // Never closed: drivers do not survive being unloaded.
    void* library = dlopen("libEGL.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) Fail(dlerror());
    Find(library, "eglGetProcAddress", get_proc_address);
    Find(library, "eglInitialize", initialize);
    Find(library, "eglBindAPI", bind_api);
    Find(library, "eglChooseConfig", choose_config);
    Find(library, "eglCreateContext", create_context);
    Find(library, "eglDestroyContext", destroy_context);
    Find(library, "eglMakeCurrent", make_current);
    // Extensions are not in the library's symbol table; null where there is none.
    Extension("eglGetPlatformDisplayEXT", get_platform_display);
    Extension("eglQueryDevicesEXT", query_devices);
    if (get_platform_display == nullptr) Fail("one without EGL_EXT_platform_base");
  }

  template <typename F>
  static void Find(void* library, const char* name, F& function) {
    function = reinterpret_cast<F>(dlsym(library, name));
    if (function == nullptr) Fail(std::string("no ") + name);
  }
  template <typename F>
  void Extension(const char* name, F& function) const {
    function = reinterpret_cast<F>(get_proc_address(name));
  }
};

const Egl& LoadedEgl() {
  static const Egl egl;
  return egl;
}

/// Null when the display has no config for off-screen OpenGL of 8 bits and a depth buffer.
void* CreateContext(const Egl& egl, void* display) {
  constexpr std::array<EglInt, 17> kAttributes = {
      kRedSize,     8,           kGreenSize,      8,          kBlueSize,    8,
      kAlphaSize,   8,           kDepthSize,      24,         kStencilSize, 8,
      kSurfaceType, kPbufferBit, kRenderableType, kOpenglBit, kNone};
  void* config = nullptr;
  EglInt count = 0;
  if (egl.choose_config(display, kAttributes.data(), &config, 1, &count) == 0 || count == 0) {
    return nullptr;
  }
  if (egl.bind_api(kOpenglApi) == 0) return nullptr;
  return egl.create_context(display, config, nullptr, nullptr);
}

// A context on `display` that can be made current, or null.
void* TryDisplay(const Egl& egl, void* display) {
  if (display == nullptr || egl.initialize(display, nullptr, nullptr) == 0) return nullptr;
  void* context = CreateContext(egl, display);
  if (context == nullptr) return nullptr;
  if (egl.make_current(display, nullptr, nullptr, context) != 0) return context;
  egl.destroy_context(display, context);
  return nullptr;
}

}  // namespace

EglContext::EglContext() {
  const Egl& egl = LoadedEgl();
  std::array<void*, 16> devices = {};
  EglInt count = 0;
  if (egl.query_devices != nullptr) {
    egl.query_devices(static_cast<EglInt>(devices.size()), devices.data(), &count);
  }
  // First a GPU: the first device that gives a context.
  for (EglInt i = 0; i < count && context_ == nullptr; ++i) {
    display_ = egl.get_platform_display(kPlatformDevice, devices[i], nullptr);
    context_ = TryDisplay(egl, display_);
  }
  // Then Mesa without any device, which renders in software.
  if (context_ == nullptr) {
    display_ = egl.get_platform_display(kPlatformSurfaceless, nullptr, nullptr);
    context_ = TryDisplay(egl, display_);
  }
  if (context_ == nullptr) Fail("no device or driver that gives an OpenGL context");
}

EglContext::~EglContext() {
  const Egl& egl = LoadedEgl();
  // A context that is current would live on until another one is.
  egl.make_current(display_, nullptr, nullptr, nullptr);
  egl.destroy_context(display_, context_);
}

void EglContext::MakeCurrent() const {
  const Egl& egl = LoadedEgl();
  // The API is a setting of each thread.
  egl.bind_api(kOpenglApi);
  if (egl.make_current(display_, nullptr, nullptr, context_) == 0) Fail("a lost context");
}

}  // namespace longplay
