// SPDX-License-Identifier: MIT
#include "agent/files/video_writer.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <utility>
#include <vector>

extern char** environ;

namespace longplay {
namespace {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using FilePtr = std::unique_ptr<std::FILE, FileCloser>;

// What to start in place of this process's image, with its three standard streams.
pid_t Spawn(const std::vector<std::string>& arguments, int in, int errors) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  // Spawned, not forked: this process has threads and much memory.
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
  pid_t child = -1;
  const int error = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error == 0) return child;
  throw std::runtime_error(std::string("writing a video: ") + argv[0] +
                           ": expected the program (Debian package ffmpeg), got " +
                           std::strerror(error));
}

std::string ReadAll(std::FILE* file) {
  std::rewind(file);
  std::string text;
  std::array<char, 1024> buffer;
  while (const size_t count = std::fread(buffer.data(), 1, buffer.size(), file)) {
    text.append(buffer.data(), count);
  }
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

/// ffmpeg's arguments for the format that the path's ending names.
std::vector<std::string> EncodingFor(const std::string& path) {
  const std::string ending = std::filesystem::path(path).extension();
  if (ending == ".gif") {
    // A palette of its own for the whole film; without one colours are dithered to a fixed one.
    return {"-vf", "split[a][b];[a]palettegen[p];[b][p]paletteuse", "-f", "gif"};
  }
  // Even sizes, because yuv420p halves them; the index in front, for playing while loading.
  if (ending == ".mp4") {
    return {"-vf",       "pad=ceil(iw/2)*2:ceil(ih/2)*2",
            "-c:v",      "libx264",
            "-pix_fmt",  "yuv420p",
            "-movflags", "+faststart",
            "-f",        "mp4"};
  }
  throw std::invalid_argument("writing a video: " + path +
                              ": expected a name that ends in .mp4 or " + ".gif, got " +
                              (ending.empty() ? "none" : ending));
}

}  // namespace

struct VideoWriter::Impl {
  std::string path, partial;  // the file, and its name until it is complete
  size_t frame_bytes = 0;
  int input = -1;    // our end of ffmpeg's standard input; a socket, so that no SIGPIPE is raised
  pid_t child = -1;  // ffmpeg, until it was waited for
  FilePtr errors;    // its standard error

  ~Impl() {
    CloseInput();
    if (child > 0) {
      kill(child, SIGKILL);
      waitpid(child, nullptr, 0);
    }
    std::error_code ignored;
    std::filesystem::remove(partial, ignored);
  }

  void Start(const std::vector<std::string>& arguments) {
    errors.reset(std::tmpfile());
    std::array<int, 2> ends = {-1, -1};
    if (!errors || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
      throw std::runtime_error(std::string("writing a video: starting ffmpeg: ") +
                               std::strerror(errno));
    }
    input = ends[0];
    // The child's end is closed here in any case, or sending to a dead ffmpeg would not fail.
    try {
      child = Spawn(arguments, ends[1], fileno(errors.get()));
    } catch (...) {
      close(ends[1]);
      throw;
    }
    close(ends[1]);
  }

  void CloseInput() {
    if (input >= 0) close(std::exchange(input, -1));
  }

  // Waits for ffmpeg to end by itself; true if it succeeded.
  bool Wait() {
    CloseInput();
    int status = 0;
    if (child <= 0 || waitpid(std::exchange(child, -1), &status, 0) < 0) return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

  [[noreturn]] void Fail() {
    Wait();
    throw std::runtime_error("writing a video: " + path + ": expected ffmpeg to encode it, got " +
                             ReadAll(errors.get()));
  }
};

VideoWriter::VideoWriter(const std::string& path, int width, int height, int frames_per_second)
    : impl_(std::make_unique<Impl>()) {
  if (width < 1 || height < 1 || frames_per_second < 1) {
    throw std::invalid_argument(
        "writing a video: width, height and frames per second: expected at least 1, got " +
        std::to_string(width) + ", " + std::to_string(height) + " and " +
        std::to_string(frames_per_second));
  }
  impl_->path = path;
  impl_->partial = path + ".part";
  impl_->frame_bytes = static_cast<size_t>(width) * height * 3;
  // Frames come bare through standard input; the file gets its name when it is complete.
  std::vector<std::string> arguments = {"ffmpeg", "-nostdin", "-loglevel", "error", "-y",
                                        "-f",     "rawvideo", "-pix_fmt",  "rgb24", "-s"};
  arguments.push_back(std::to_string(width) + "x" + std::to_string(height));
  arguments.insert(arguments.end(), {"-r", std::to_string(frames_per_second), "-i", "pipe:0"});
  const std::vector<std::string> encoded = EncodingFor(path);
  arguments.insert(arguments.end(), encoded.begin(), encoded.end());
  arguments.push_back("file:" + impl_->partial);
  impl_->Start(arguments);
}

VideoWriter::~VideoWriter() = default;

void VideoWriter::Write(std::span<const uint8_t> frame) {
  if (frame.size() != impl_->frame_bytes) {
    throw std::invalid_argument("writing a video: frame: expected " +
                                std::to_string(impl_->frame_bytes) + " bytes, got " +
                                std::to_string(frame.size()));
  }
  // A socket takes what fits at once. It breaks when ffmpeg died, which then says why.
  while (!frame.empty()) {
    const ssize_t sent = send(impl_->input, frame.data(), frame.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) impl_->Fail();
    frame = frame.subspan(static_cast<size_t>(sent));
  }
}

void VideoWriter::Finish() {
  if (!impl_->Wait()) impl_->Fail();
  std::filesystem::rename(impl_->partial, impl_->path);
}

}  // namespace longplay
