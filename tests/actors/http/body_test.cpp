#include "actors/http/body.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

namespace tocsin::http::body_test {
namespace {

constexpr std::size_t mib = 1u << 20;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

std::size_t address_space_bytes() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::string gzip(const std::string& text) {
  z_stream z{};
  deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&z, text.size()) + 32, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

// As a stream of unknown length, with this window: what `zstd --long=27` and `--ultra -20` make of
// standard input.
std::string zstd_stream(const std::string& text, int window_log) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  ZSTD_CCtx_setParameter(context, ZSTD_c_enableLongDistanceMatching, 1);
  std::string out(ZSTD_compressBound(text.size()) + 64, '\0');
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_inBuffer nothing{nullptr, 0, 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  ZSTD_compressStream2(context, &to, &in, ZSTD_e_flush);
  EXPECT_EQ(ZSTD_compressStream2(context, &to, &nothing, ZSTD_e_end), 0u);
  ZSTD_freeCCtx(context);
  out.resize(to.pos);
  return out;
}

std::string random_text(std::size_t bytes) {
  std::string text(bytes, '\0');
  std::uint32_t state = 1;
  for (char& c : text) {
    state = state * 1664525u + 1013904223u;
    c = static_cast<char>(state >> 24);
  }
  return text;
}

unsigned status_of(const char* encoding, std::string body, std::size_t limit = body_bytes_limit) {
  const auto text = decode_body(encoding, std::move(body), limit);
  return text ? 200 : text.failure().status;
}

TEST(decode_body, undoes_what_it_knows) {
  for (const std::string& text :
       {std::string(), std::string("x"), std::string(3 * mib, 'a'), random_text(200'000)}) {
    EXPECT_EQ(*decode_body("", text), text);
    EXPECT_EQ(*decode_body("identity", text), text);
    EXPECT_EQ(*decode_body("gzip", gzip(text)), text);
    EXPECT_EQ(*decode_body(" X-GZIP ", gzip(text)), text);
    EXPECT_EQ(*decode_body("zstd", zstd(text)), text);
  }
}

TEST(decode_body, takes_a_zstd_frame_whatever_window_it_claims) {
  for (const int window_log : {10, 27}) {
    for (const std::string& text :
         {std::string("{\"host\":\"a\",\"x\":1}"), random_text(200'000)}) {
      EXPECT_EQ(*decode_body("zstd", zstd_stream(text, window_log)), text) << window_log;
    }
    const std::string full(mib, 'a');
    EXPECT_EQ(status_of("zstd", zstd_stream(full, window_log), mib), 200u);
    EXPECT_EQ(status_of("zstd", zstd_stream(full + "a", window_log), mib), 413u);
  }
  const std::string head("\x28\xb5\x2f\xfd\x00\xa8", 6); // a window of 2 GiB, the largest
  EXPECT_EQ(*decode_body("zstd", head + std::string("\x09\x00\x00{", 4)), "{");
}

TEST(decode_body, takes_nothing_for_a_window_that_is_only_claimed) {
  const std::string small = zstd_stream("{}", 27);
  EXPECT_LT(small.size(), 40u);
  rlimit before{};
  getrlimit(RLIMIT_AS, &before);
  // Room for the text, not for the window. (Sanitizers reserve terabytes.)
  const bool bounded = !sanitized && address_space_bytes() > 0;
  rlimit now = before;
  now.rlim_cur = address_space_bytes() + 64 * mib;
  ASSERT_TRUE(!bounded || setrlimit(RLIMIT_AS, &now) == 0);
  const auto text = decode_body("zstd", small);
  setrlimit(RLIMIT_AS, &before);
  ASSERT_TRUE(text) << text.failure().message;
  EXPECT_EQ(*text, "{}");
}

TEST(decode_body, reads_several_members_and_frames) {
  EXPECT_EQ(*decode_body("gzip", gzip("ab") + gzip("") + gzip("cd")), "abcd");
  EXPECT_EQ(*decode_body("zstd", zstd("ab") + zstd("") + zstd("cd")), "abcd");
  EXPECT_EQ(*decode_body("zstd", zstd_stream("ab", 27) + zstd("cd")), "abcd");
  const std::string skippable("\x50\x2a\x4d\x18\x01\x00\x00\x00?", 9);
  EXPECT_EQ(*decode_body("zstd", skippable + zstd("ab") + skippable), "ab");
}

TEST(decode_body, refuses_100_mb_before_and_after_decompression) {
  const std::string large(100 * mib, ' ');
  EXPECT_EQ(status_of("", large), 413u);
  EXPECT_EQ(status_of("gzip", gzip(large)), 413u);
  EXPECT_EQ(status_of("zstd", zstd(large)), 413u);
}

TEST(decode_body, takes_exactly_the_limit_and_not_a_byte_more) {
  for (std::size_t limit : {std::size_t{1}, std::size_t{100'000}, 2 * mib}) {
    const std::string full = random_text(limit);
    const std::string over = full + "x";
    EXPECT_EQ(status_of("", full, limit), 200u);
    EXPECT_EQ(status_of("", over, limit), 413u);
    // A compressed body of random bytes is longer than its text: allow for it.
    if (limit > 100) {
      const std::string full_text(limit, 'a');
      EXPECT_EQ(status_of("gzip", gzip(full_text), limit), 200u) << limit;
      EXPECT_EQ(status_of("gzip", gzip(full_text + "a"), limit), 413u) << limit;
      EXPECT_EQ(status_of("zstd", zstd(full_text), limit), 200u) << limit;
      EXPECT_EQ(status_of("zstd", zstd(full_text + "a"), limit), 413u) << limit;
    }
  }
}

TEST(decode_body, refuses_what_is_cut_off_anywhere) {
  const std::string text = random_text(1000);
  for (const auto& [name, whole] : {std::pair{"gzip", gzip(text)}, {"zstd", zstd(text)}}) {
    for (std::size_t n = 0; n < whole.size(); n += n < 40 ? 1 : 97) {
      EXPECT_EQ(status_of(name, whole.substr(0, n)), 400u) << name << " " << n;
    }
  }
}

TEST(decode_body, refuses_what_is_corrupt) {
  std::string flipped = gzip("hello hello hello");
  flipped[flipped.size() - 6] = static_cast<char>(flipped[flipped.size() - 6] ^ 1); // its CRC
  EXPECT_EQ(status_of("gzip", flipped), 400u);
  EXPECT_EQ(status_of("gzip", "{\"host\":\"a\"}"), 400u);
  EXPECT_EQ(status_of("gzip", gzip("a") + "trailing"), 400u);
  EXPECT_EQ(status_of("zstd", "{\"host\":\"a\"}"), 400u);
  EXPECT_EQ(status_of("zstd", zstd("a") + "trailing"), 400u);
  EXPECT_EQ(status_of("zstd", gzip("a")), 400u);
}

TEST(decode_body, names_the_encoding_that_it_does_not_know) {
  for (const char* encoding : {"br", "deflate", "gzip, zstd", "gzip\x01"}) {
    const auto text = decode_body(encoding, "x");
    ASSERT_FALSE(text);
    EXPECT_EQ(text.failure().status, 415u);
    EXPECT_NE(text.failure().message.find(encoding), std::string::npos);
  }
}

TEST(decode_body, takes_a_request_by_its_header) {
  request what;
  what.headers = {{"content-encoding", "gzip"}};
  what.body = gzip("hello");
  EXPECT_EQ(*decode_body(what), "hello");
}

} // namespace
} // namespace tocsin::http::body_test
