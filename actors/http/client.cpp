#include "actors/http/client.hpp"

#include "actors/http/address_reach.hpp"
#include "actors/http/answer_reader.hpp"
#include "actors/http/lookup.hpp"

#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <fcntl.h>
#include <fmt/format.h>

namespace tocsin::http {

namespace {

namespace net = boost::asio;
using boost::system::error_code;
using tcp = net::ip::tcp;
using steady = std::chrono::steady_clock;

result<std::string> render_request(std::string_view method, const url_parts& to,
                                   const field_list& headers, std::string_view body) {
  const bool brackets = to.host.find(':') != std::string::npos;
  std::string out = fmt::format("{} {} HTTP/1.1\r\nHost: {}{}{}", method, to.path,
                                brackets ? "[" : "", to.host, brackets ? "]" : "");
  if (to.port != (to.tls ? 443 : 80)) {
    out += fmt::format(":{}", to.port);
  }
  out += find_field(headers, "User-Agent") ? "\r\n" : "\r\nUser-Agent: tocsin\r\n";
  for (const auto& [name, value] : headers) {
    if ((name + value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return error{fmt::format("the header {} holds a line break", name.substr(0, 64))};
    }
    out += name + ": " + value + "\r\n";
  }
  if (!body.empty() || method == "POST" || method == "PUT") {
    out += fmt::format("Content-Length: {}\r\n", body.size());
  }
  out += "\r\n";
  return out;
}

} // namespace

/// One connection, plain or TLS, and one operation on it at a time.
struct client::impl {
  explicit impl(client_options o) : options(std::move(o)) {}

  const client_options options;
  net::io_context context;
  tcp::socket plain{context};
  std::unique_ptr<net::ssl::stream<tcp::socket&>> secure;
  std::optional<net::ssl::context> authorities;
  std::string connected_to; // scheme, host and port of the open connection; empty: none
  steady::time_point deadline;
  std::atomic<bool> cancelled{false};
  bool trusting = false;

  /// Runs one asynchronous operation to its end, to the deadline or to `cancel`.
  template <class Start>
  error_code await(Start start) {
    std::optional<error_code> outcome;
    start([&outcome](error_code ec, auto&&...) { outcome = ec; });
    context.restart();
    bool late = false;
    while (!outcome) {
      if (late) {
        context.run_one();
      } else if (context.run_one_until(deadline) == 0) {
        late = true;
        close();
      }
    }
    return late && *outcome ? error_code(net::error::timed_out) : *outcome;
  }

  void close() {
    error_code ec;
    connected_to.clear();
    plain.close(ec);
  }

  std::optional<lookup> looking_up;

  status connect(const url_parts& to);
  status resolve(const url_parts& to, std::vector<tcp::endpoint>& into);
  status read_authorities();
  status read_certificate();
  status start_tls(const std::string& host);
  bool still_kept(const std::string& where);
  error_code exchange(const std::string& head, std::string_view body, answer_reader& answer,
                      std::chrono::milliseconds each);
};

// A name is looked up once per connection, and what is connected to is what was looked at: an
// answer that changes in between gains nothing.
status client::impl::resolve(const url_parts& to, std::vector<tcp::endpoint>& into) {
  error_code not_written;
  const auto written = net::ip::make_address(to.host, not_written);
  if (!not_written) {
    into.emplace_back(written, to.port);
  } else {
    if (!looking_up || !looking_up->is_for(to.host, to.port))
      looking_up.emplace(to.host, to.port);
    if (!looking_up->wait(deadline, cancelled))
      return error{fmt::format("looking up {} takes too long", to.host)};
    const auto ended = std::exchange(looking_up, std::nullopt);
    if (ended->failure())
      return error{fmt::format("{}: {}", to.host, ended->failure().message())};
    into = ended->found();
  }
  if (options.private_addresses)
    return done{};
  const bool meant = !not_written || to.host == "localhost";
  std::string refused;
  std::erase_if(into, [&](const tcp::endpoint& at) {
    const auto reach = reach_of(at.address());
    if (reach == address_reach::everybody || (meant && reach == address_reach::own))
      return false;
    refused = fmt::format("{} is {}, a {} address, and may not be connected to: set "
                          "privateAddresses to true if it is meant",
                          to.host, at.address().to_string(),
                          reach == address_reach::own ? "private" : "link-local");
    return true;
  });
  return into.empty() && !refused.empty() ? status(error{refused}) : status(done{});
}

status client::impl::connect(const url_parts& to) {
  close();
  secure.reset();
  plain = tcp::socket(context);
  std::vector<tcp::endpoint> found;
  if (auto s = resolve(to, found); !s)
    return s;
  error_code ec = await([&](auto done) { net::async_connect(plain, found, done); });
  if (ec)
    return error{ec.message()};
  fcntl(plain.native_handle(), F_SETFD, FD_CLOEXEC);
  plain.set_option(tcp::no_delay(true), ec);
  return to.tls ? start_tls(to.host) : status(done{});
}

status client::impl::read_authorities() {
  error_code ec;
  authorities.emplace(net::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(authorities->native_handle(), TLS1_2_VERSION);
  if (options.ca_file.empty())
    authorities->set_default_verify_paths(ec);
  else
    authorities->load_verify_file(options.ca_file, ec);
  if (!ec || options.ca_file.empty())
    return done{};
  authorities.reset();
  return error{
      fmt::format("the authorities in {} cannot be read: {}", options.ca_file, ec.message())};
}

// A key with a passphrase is an error: nobody is asked for one.
status client::impl::read_certificate() {
  error_code ec;
  authorities->set_password_callback([](auto&&...) { return std::string(); }, ec);
  authorities->use_certificate_chain_file(options.cert_file, ec);
  if (ec)
    return error{
        fmt::format("the certificate in {} cannot be used: {}", options.cert_file, ec.message())};
  authorities->use_private_key_file(options.key_file, net::ssl::context::pem, ec);
  if (ec)
    return error{fmt::format("the key in {} cannot be used with the certificate in {}: {}",
                             options.key_file, options.cert_file, ec.message())};
  return done{};
}

status client::impl::start_tls(const std::string& host) {
  error_code ec;
  if (!options.cert_file.empty())
    authorities.reset();
  if (!authorities)
    if (auto s = read_authorities(); !s)
      return s;
  if (!options.cert_file.empty())
    if (auto s = read_certificate(); !s)
      return s;
  secure = std::make_unique<net::ssl::stream<tcp::socket&>>(plain, *authorities);
  secure->set_verify_mode(trusting ? net::ssl::verify_none : net::ssl::verify_peer, ec);
  secure->set_verify_callback(net::ssl::host_name_verification(host), ec);
  error_code not_an_address;
  net::ip::make_address(host, not_an_address);
  if (not_an_address) { // names only: an address is no SNI
    SSL_set_tlsext_host_name(secure->native_handle(), host.c_str());
  }
  ec = await([&](auto done) { secure->async_handshake(net::ssl::stream_base::client, done); });
  if (!ec)
    return done{};
  const auto verdict = SSL_get_verify_result(secure->native_handle());
  authorities.reset(); // they may be replaced before the next try
  if (verdict == X509_V_OK)
    return error{fmt::format("TLS: {}", ec.message())};
  return error{fmt::format("TLS: {}: {}", ec.message(), X509_verify_cert_error_string(verdict))};
}

// Whether the connection is open to there and nothing came on it since the last answer: neither its
// end nor what nobody asked for, such as the 408 that some send before they close.
bool client::impl::still_kept(const std::string& where) {
  char byte = 0;
  return connected_to == where &&
         ::recv(plain.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EWOULDBLOCK);
}

error_code client::impl::exchange(const std::string& head, std::string_view body,
                                  answer_reader& answer, std::chrono::milliseconds each) {
  const auto on = [&](auto& stream) {
    const std::array<net::const_buffer, 2> parts{net::buffer(head),
                                                 net::buffer(body.data(), body.size())};
    const error_code sent = await([&](auto done) { net::async_write(stream, parts, done); });
    if (sent && sent != net::error::broken_pipe && sent != net::error::connection_reset) {
      return sent;
    }
    // Also after a broken pipe: the server may have said why before it closed.
    return answer.read(
        [&](auto start) {
          if (each.count() > 0) // what has no end has no time, but each piece of it
            deadline = steady::now() + each;
          return await(std::move(start));
        },
        stream);
  };
  return secure ? on(*secure) : on(plain);
}

client::client(client_options options) : impl_(std::make_unique<impl>(std::move(options))) {}
client::~client() = default;

void client::trust_anyone() {
  impl_->trusting = true;
}

void client::cancel() {
  impl_->cancelled = true;
  net::post(impl_->context, [inside = impl_.get()] { inside->close(); });
}

result<client_response> client::request(std::string_view method, std::string_view url,
                                        const field_list& headers, std::string_view body,
                                        std::int64_t timeout_ms) {
  return ask(method, url, headers, body, timeout_ms, nullptr);
}

result<client_response> client::follow(std::string_view url, const field_list& headers,
                                       const piece_taker& take, std::int64_t quiet_ms) {
  return ask("GET", url, headers, {}, quiet_ms, &take);
}

result<client_response> client::ask(std::string_view method, std::string_view url,
                                    const field_list& headers, std::string_view body,
                                    std::int64_t timeout_ms, const piece_taker* take) {
  auto to = parse_url(url);
  if (!to) {
    return to.failure();
  }
  const auto head = render_request(method, *to, headers, body);
  if (!head) {
    return head.failure();
  }
  impl& my = *impl_;
  my.deadline = steady::now() + std::chrono::milliseconds(timeout_ms);
  const std::string where = fmt::format("{}{}:{}", to->tls ? "tls " : "", to->host, to->port);
  for (bool kept = my.still_kept(where);; kept = false) {
    if (my.cancelled) {
      return error{fmt::format("{}: cancelled", to->site())};
    }
    if (!kept) {
      if (const auto s = my.connect(*to); !s) {
        my.close();
        return error{fmt::format("cannot connect to {}: {}", to->site(), s.failure().message)};
      }
    }
    answer_reader answer(method == "HEAD", my.options.body_bytes_max, take);
    const error_code ec =
        my.exchange(*head, body, answer, std::chrono::milliseconds(take ? timeout_ms : 0));
    if (ec) {
      my.close();
      if (kept && answer.silent() && ec != net::error::timed_out) {
        continue; // the server had closed the connection that we kept
      }
      return error{fmt::format("no answer from {}: {}", to->site(),
                               ec == net::error::timed_out
                                   ? fmt::format("none within {} ms", timeout_ms)
                                   : answer.describe(ec))};
    }
    auto out = answer.take();
    if (my.cancelled && !out.whole) {
      continue;
    }
    my.connected_to = where;
    if (!answer.reusable()) {
      my.close();
    }
    if (kept && out.status == 408) {
      my.close();
      continue; // it had waited too long for what was not yet sent
    }
    return out;
  }
}

} // namespace tocsin::http
