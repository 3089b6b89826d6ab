// What goes wrong between a reader and an engine, for people.

#include "config/json_document.hpp"
#include "config/json_text.hpp"
#include "tools/reading/engine_api.hpp"
#include "tools/reading/json_writer.hpp"

#include <fmt/format.h>
#include <system_error>

namespace tocsin {

namespace {

constexpr std::size_t message_bytes_max = 1'000;

std::string advice(unsigned status, std::string_view code) {
  if (status == 401)
    return "a token with the right to read is needed: name its file with --token-file, or set "
           "TOCSIN_TOKEN";
  if (code == "token-lacks-right")
    return "name the file of a token with the right to read with --token-file";
  if (code == "foreign-host")
    return "use the address that the engine listens on, such as http://127.0.0.1:9480";
  if (code == "not-evaluating")
    return "ask the engine that evaluates with --to, or wait until this one does";
  if (code == "unknown-rule")
    return "`tocsin rules` lists those in force";
  if (code == "busy" || code == "starting" || code == "overloaded" || code == "redis-away" ||
      code == "too-many-clients" || status == 429)
    return "try again in a moment";
  return {};
}

} // namespace

std::string describe_refusal(std::string_view site, unsigned status, std::string_view body) {
  const auto document = json_document::read(body);
  const auto* about = document ? document->root().find("error") : nullptr;
  if (about == nullptr)
    return fmt::format("{} answers {}, and not as an engine does: is --to the engine's address?",
                       site, status);
  const auto& code = text_of(about->value, "code");
  const auto message = text_of(about->value, "message").substr(0, message_bytes_max);
  const auto what = advice(status, code);
  return fmt::format("{} answers {}: {}{}{}", site, status, message, what.empty() ? "" : "; ",
                     what);
}

std::string describe_failure(std::string_view why) {
  const auto says = [&](std::string_view part) { return why.find(part) != std::string::npos; };
  const auto refused = std::generic_category().message(ECONNREFUSED);
  if (says(refused))
    return fmt::format("{}; does the engine run there? --to names its address", why);
  if (says("certificate verify failed"))
    return fmt::format("{}; name the authority that signed the certificate with --ca-file, and "
                       "the engine by a name that stands in it with --to",
                       why);
  if (says("wrong version number"))
    return fmt::format("{}; an engine without --tls-cert is asked with http://", why);
  return std::string(why);
}

} // namespace tocsin
