#pragma once

#include "actors/api/engine_desk.hpp"
#include "actors/api/query_desk.hpp"

#include <utility>

namespace tocsin {

/// A question to the engine that an HTTP request asks.
class http_question : public engine_question {
public:
  explicit http_question(http::responder owed) : owed_(std::move(owed)) {}

  void answer() final { owed_.send(make_answer()); }
  void refuse(const http::refusal& why) final {
    owed_.send(why.status == 503 ? not_now(why.code.c_str(), why.message) : http::to_response(why));
  }

protected:
  virtual http::response make_answer() = 0;

private:
  http::responder owed_;
};

} // namespace tocsin
