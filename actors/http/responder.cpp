#include "actors/http/responder.hpp"

#include <cassert>
#include <spdlog/spdlog.h>

namespace tocsin::http {

responder& responder::operator=(responder&& other) noexcept {
  if (this != &other) {
    drop();
    sink_ = std::exchange(other.sink_, nullptr);
  }
  return *this;
}

void responder::send(response answer) {
  assert(sink_ && "a request is answered once");
  if (auto to = std::exchange(sink_, nullptr)) {
    to(std::move(answer));
  }
}

void responder::drop() noexcept {
  if (!sink_) {
    return;
  }
  try {
    send(refusal{500, "internal", "the request was dropped without an answer; see the log"});
  } catch (const std::exception& e) {
    spdlog::error("http: could not answer a dropped request: {}", e.what());
  }
}

} // namespace tocsin::http
