#include "config/alertmanager_reader.hpp"

#include "config/http_url.hpp"
#include "config/secret_reader.hpp"
#include "config/value_reader.hpp"
#include "config/webhook_reader.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>

namespace tocsin {

namespace {

using kind = json_node::kind;

constexpr std::array<std::string_view, 9> keys = {"url",          "username", "password",
                                                  "passwordFile", "token",    "tokenFile",
                                                  "caFile",       "certFile", "keyFile"};

std::string object_to_token(std::string_view text) {
  const auto fits = [](char c) { return c > ' ' && c <= '~'; };
  if (auto objection = object_to_secret(text); !objection.empty())
    return objection;
  return std::all_of(text.begin(), text.end(), fits)
             ? ""
             : "holds a blank or another character that no header takes";
}

std::string object_to_username(std::string_view text) {
  if (auto objection = object_to_secret(text); !objection.empty())
    return objection;
  return text.find(':') == std::string_view::npos
             ? ""
             : "holds a colon, behind which the password would begin";
}

bool stays_here(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// Reads one object, key by key.
class alertmanager_reader {
public:
  alertmanager_reader(const json_cursor& object, const file_source& files, problem_list& problems)
      : object_(object), secrets_(object, files, problems), problems_(problems) {}

  alertmanager_entry run(std::string url) {
    check_keys(object_, keys, stranger::warned_about, problems_);
    out_.url = std::move(url);
    const auto parts = read_http_url(out_.url);
    const auto tls = parts ? std::optional(parts->tls) : std::nullopt;
    read_credentials();
    out_.ca_file = secrets_.read_authorities(tls);
    out_.certificate = secrets_.read_certificate(tls);
    if ((gives("username") || gives("token")) && tls == false && !stays_here(parts->host))
      problems_.warn(object_.place(), "these credentials travel over http://, where others may "
                                      "read them: use https://");
    return std::move(out_);
  }

private:
  void read_credentials() {
    const auto* name = object_.node().find("username");
    if (name)
      if (const auto text = read_text(object_.child(*name), problems_)) {
        if (const auto objection = object_to_username(*text); !objection.empty())
          problems_.error(object_.child(*name).place(), fmt::format("the username {}", objection));
        out_.username = *text;
      }
    out_.password = secrets_.read({"password", "passwordFile", object_to_secret});
    out_.token = secrets_.read({"token", "tokenFile", object_to_token});
    if (name && !gives("password"))
      problems_.error(object_.child(*name).place(),
                      "`password` or `passwordFile` is missing: a user name goes with one");
    if (!name && gives("password"))
      problems_.error(object_.place(), "`username` is missing: a password goes with one");
    if ((name || gives("password")) && gives("token"))
      problems_.error(object_.place(), "a user name and a token stand here: keep one of them");
  }

  // Under the key, or the one of its file.
  bool gives(std::string_view key) const {
    return object_.node().find(key) || object_.node().find(fmt::format("{}File", key));
  }

  const json_cursor& object_;
  secret_reader secrets_;
  problem_list& problems_;
  alertmanager_entry out_;
};

// Where the URL stands; reports an object that has none.
std::optional<json_cursor> url_of(const json_cursor& item, problem_list& problems) {
  if (item.node().type != kind::object)
    return item;
  if (const auto* member = item.node().find("url"))
    return item.child(*member);
  problems.error(item.place(), "`url` is missing");
  return std::nullopt;
}

} // namespace

std::span<const std::string_view> alertmanager_keys() {
  return keys;
}

std::vector<alertmanager_entry>
read_alertmanagers(const json_cursor& array, const file_source& files, problem_list& problems) {
  std::vector<alertmanager_entry> out;
  if (array.node().type != kind::array) {
    problems.error(array.place(), fmt::format(R"(expected an array such as ["http://host:9093"], )"
                                              "found {}",
                                              array.node().kind_name()));
    return out;
  }
  for (std::size_t i = 0; i < array.node().items.size(); ++i) {
    const auto item = array.child(i);
    const auto at = url_of(item, problems);
    const auto url = at ? read_base_url(*at, problems) : std::nullopt;
    alertmanager_entry entry;
    entry.url = url.value_or("");
    if (item.node().type == kind::object)
      entry = alertmanager_reader(item, files, problems).run(std::move(entry.url));
    if (!url)
      continue;
    if (url->ends_with("/api/v2") || url->ends_with("/api/v2/alerts"))
      problems.error(at->place(), "write the URL of the Alertmanager itself: /api/v2/alerts is "
                                  "appended to it");
    else if (std::any_of(out.begin(), out.end(), [&](const auto& e) { return e.url == *url; }))
      problems.error(at->place(), "this URL stands here already: each is told once");
    else
      out.push_back(std::move(entry));
  }
  if (out.size() > alertmanagers_max)
    problems.error(array.place(),
                   fmt::format("{} are too many: at most {}", out.size(), alertmanagers_max));
  return out;
}

} // namespace tocsin
