#include "config/http_url.hpp"
#include "config/read_settings.hpp"
#include "config/webhook_reader.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tocsin::sinks_test {

namespace {

constexpr std::string_view long_enough = "0123456789abcdef";

// Files as a test wants them: what is not among them is missing.
class named_files {
public:
  named_files& add(std::string path, std::string text, bool open_to_others = false) {
    files_[path] = {path, std::move(text), open_to_others};
    return *this;
  }
  file_source source() const {
    return [files = files_](const std::string& path) -> result<named_file> {
      const auto hit = files.find(path);
      if (hit == files.end())
        return error{"there is no such file"};
      return hit->second;
    };
  }

private:
  std::map<std::string, named_file> files_;
};

settings_report read(std::string_view tocsin, const named_files& files = {},
                     const environment& env = {}) {
  return read_settings(fmt::format(R"({{"tocsin":{}}})", tocsin), "c.json", env, purpose::serve,
                       files.source());
}

settings_report read_one(std::string_view webhook, const named_files& files = {}) {
  return read(fmt::format(R"({{"webhooks":[{}]}})", webhook), files);
}

std::vector<std::string> urls(const settings_report& report) {
  std::vector<std::string> out;
  for (const auto& to : report.value.alertmanagers)
    out.push_back(to.url);
  return out;
}

std::string problems(const settings_report& report) {
  std::string out;
  for (const auto& problem : report.problems)
    out += problem.text() + '\n';
  return out;
}

bool says(const settings_report& report, std::string_view what) {
  return problems(report).find(what) != std::string::npos;
}

} // namespace

TEST(sinks, every_key_of_a_webhook_is_read) {
  const auto report =
      read_one(R"({"name":"ops.1","url":"https://h/x","on":["resolved"],"headers":{"B":"2","A":"1"},
          "secret":"0123456789abcdef","timeout":"5s","format":"alertmanager",
          "privateAddresses":true,"caFile":"ca.pem","match":{"team":["ops-*","!ops-test"]},
          "certFile":"c.pem","keyFile":"k.pem"})",
               named_files{}
                   .add("ca.pem", "-----BEGIN CERTIFICATE-----\n")
                   .add("c.pem", "-----BEGIN CERTIFICATE-----\n")
                   .add("k.pem", "-----BEGIN EC PRIVATE KEY-----\n"));
  ASSERT_EQ(problems(report), "");
  webhook expected;
  expected.name = "ops.1";
  expected.url = "https://h/x";
  expected.on_opened = false;
  expected.headers = {{"A", "1"}, {"B", "2"}};
  expected.secret = long_enough;
  expected.timeout_ms = 5'000;
  expected.format = webhook_format::alertmanager;
  expected.private_addresses = true;
  expected.ca_file = "ca.pem";
  expected.certificate = {"c.pem", "k.pem"};
  text_pattern_list team;
  team.add(*text_pattern::read("ops-*"));
  team.add(*text_pattern::read("!ops-test"));
  expected.match = {{"team", team}};
  EXPECT_EQ(report.value.webhooks, std::vector{expected});
}

TEST(sinks, a_webhook_needs_no_more_than_a_url) {
  const auto report = read_one(R"({"url":"https://hooks.example.com/services/T0/s3cr3t"})");
  ASSERT_EQ(problems(report), "");
  webhook expected;
  expected.url = "https://hooks.example.com/services/T0/s3cr3t";
  expected.name = report.value.webhooks.at(0).name;
  EXPECT_EQ(report.value.webhooks, std::vector{expected});
  EXPECT_EQ(expected.name.substr(0, 18), "hooks.example.com-");
  EXPECT_EQ(expected.name.find("s3cr3t"), std::string::npos);
  EXPECT_TRUE(fits_webhook_name(expected.name));
}

TEST(sinks, the_name_of_a_url_never_changes_for_a_consumer_group_hangs_on_it) {
  EXPECT_EQ(default_webhook_name("https://h/a", "h"), "h-57dc3222");
  EXPECT_NE(default_webhook_name("https://h/b", "h"), default_webhook_name("https://h/a", "h"));
  EXPECT_TRUE(fits_webhook_name(default_webhook_name("http://[::1]/", "::1")));
  EXPECT_TRUE(fits_webhook_name(default_webhook_name("", std::string(300, 'h'))));
}

TEST(sinks, the_secret_is_the_first_line_of_its_file) {
  const auto files = named_files{}.add("s", "\xef\xbb\xbf"
                                            "0123456789abcdef\r\nnot this\n");
  const auto report = read_one(R"({"url":"https://h/","secretFile":"s"})", files);
  EXPECT_EQ(problems(report), "");
  EXPECT_EQ(report.value.webhooks.at(0).secret, long_enough);
}

TEST(sinks, a_doubtful_secret_is_warned_about_and_never_shown) {
  const auto files = named_files{}.add("s", "tell-no-one\n", true);
  const auto open = read_one(R"({"url":"https://h/","secretFile":"s"})", files);
  EXPECT_EQ(problems(open),
            "c.json:1:57: warning: `s` can be read by other users; try: chmod 600 "
            "(at /tocsin/webhooks/0/secretFile)\n"
            "c.json:1:57: warning: the secret in `s` has only 11 characters and may be guessed; "
            "try: openssl rand -hex 32 (at /tocsin/webhooks/0/secretFile)\n");
  const auto bad = read_one(R"({"url":"http://u:tell-no-one@h/tell-no-one","secret":"tell-no-one",
      "secretFile":"s","headers":{"A":"tell-no-one\n","Host":"tell-no-one"},"caFile":"t"})",
                            files);
  EXPECT_TRUE(has_errors(bad.problems));
  EXPECT_FALSE(says(bad, "tell-no-one")) << problems(bad);
}

TEST(sinks, a_secret_that_cannot_be_had_is_an_error) {
  const auto files = named_files{}.add("empty", "\nx").add("long", std::string(4'097, 'x'));
  EXPECT_TRUE(says(read_one(R"({"url":"https://h/","secretFile":"no"})", files),
                   "error: `no`: there is no such file (at /tocsin/webhooks/0/secretFile)"));
  EXPECT_TRUE(says(read_one(R"({"url":"https://h/","secretFile":"empty"})", files),
                   "error: the secret in `empty` is empty"));
  EXPECT_TRUE(says(read_one(R"({"url":"https://h/","secretFile":"long"})", files),
                   "error: the secret in `long` is longer than 4096 characters"));
  EXPECT_TRUE(says(read_one(R"({"url":"https://h/","secret":""})", files), "must not be empty"));
}

TEST(sinks, without_a_source_of_files_none_is_missed) {
  const auto report = read_settings(
      R"({"tocsin":{"webhooks":[{"url":"https://h/","secretFile":"no","caFile":"no"}]}})", "c.json",
      {}, purpose::replay);
  EXPECT_EQ(problems(report), "");
}

TEST(sinks, alertmanagers_are_base_urls_each_once) {
  const auto report = read(R"({"alertmanagers":["http://am:9093/","https://h/am"],
                              "externalUrl":"https://alerts.example.com/t/"})");
  ASSERT_EQ(problems(report), "");
  EXPECT_EQ(urls(report), (std::vector<std::string>{"http://am:9093", "https://h/am"}));
  EXPECT_EQ(report.value.external_url, "https://alerts.example.com/t");
}

TEST(sinks, an_alertmanager_may_ask_who_is_there) {
  const auto files = named_files{}
                         .add("pw", "correct horse\nnot this\n")
                         .add("tok", "abc.def\n", true)
                         .add("ca", "-----BEGIN CERTIFICATE-----\n")
                         .add("c", "-----BEGIN CERTIFICATE-----\n")
                         .add("k", "-----BEGIN PRIVATE KEY-----\n", true);
  const auto report = read(R"({"alertmanagers":[
      {"url":"https://a/","username":"u","passwordFile":"pw","caFile":"ca"},
      {"url":"https://b","tokenFile":"tok","certFile":"c","keyFile":"k"}]})",
                           files);
  EXPECT_EQ(problems(report),
            "c.json:3:38: warning: `tok` can be read by other users; try: chmod 600 "
            "(at /tocsin/alertmanagers/1/tokenFile)\n"
            "c.json:3:69: warning: `k` can be read by other users; try: chmod 600 "
            "(at /tocsin/alertmanagers/1/keyFile)\n");
  alertmanager_entry basic, bearer;
  basic.url = "https://a";
  basic.username = "u";
  basic.password = "correct horse";
  basic.ca_file = "ca";
  bearer.url = "https://b";
  bearer.token = "abc.def";
  bearer.certificate = {"c", "k"};
  EXPECT_EQ(report.value.alertmanagers, (std::vector{basic, bearer}));
}

TEST(sinks, credentials_are_never_shown_and_not_sent_in_the_clear_without_a_word) {
  const auto bad = read(R"({"alertmanagers":[
      {"url":"http://a","username":"tell:no-one","password":"tell-no-one\n"},
      {"url":"http://b","token":"tell no-one"},
      {"url":"http://c","token":"tell-no-one","username":"tell-no-one",
       "password":"tell-no-one"}]})");
  EXPECT_TRUE(has_errors(bad.problems));
  EXPECT_EQ(problems(bad).find("no-one"), std::string::npos) << problems(bad);
  EXPECT_TRUE(says(bad, "a user name and a token stand here: keep one of them"));
  EXPECT_TRUE(says(read(R"({"alertmanagers":[{"url":"http://a","token":"t"}]})"),
                   "warning: these credentials travel over http://"));
  for (const auto* here : {"http://127.0.0.1:1", "http://localhost", "http://[::1]:2", "https://a"})
    EXPECT_EQ(
        problems(read(fmt::format(R"({{"alertmanagers":[{{"url":"{}","token":"t"}}]}})", here))),
        "");
}

TEST(sinks, what_is_no_certificate_or_key_is_an_error) {
  const auto files = named_files{}.add("c", "hello").add("k", "hello");
  const auto report = read_one(R"({"url":"https://h/","certFile":"c","keyFile":"k"})", files);
  EXPECT_TRUE(says(report, "error: `c` holds no certificate in PEM form"));
  EXPECT_TRUE(says(report, "error: `k` holds no private key in PEM form"));
  EXPECT_TRUE(says(read_one(R"({"url":"https://h/","certFile":"no","keyFile":"k"})", files),
                   "error: `no`: there is no such file"));
}

TEST(sinks, a_watchdog_that_nobody_hears_or_that_is_off_is_warned_about) {
  constexpr auto hears = R"({{"webhooks":[{{"url":"https://h/","name":"w","on":["watchdog"]}}],
                              "watchdog":{}}})";
  EXPECT_EQ(problems(read(fmt::format(hears, "true"))), "");
  EXPECT_TRUE(says(read(fmt::format(hears, "false")),
                   "warning: the webhook `w` waits for `watchdog`, which is off: set "
                   "tocsin.watchdog to true (at /tocsin/webhooks)"));
  EXPECT_TRUE(says(read(R"({"webhooks":[{"url":"https://h/"}],"watchdog":true})"),
                   "warning: nobody hears the watchdog"));
  EXPECT_EQ(problems(read(R"({"alertmanagers":["http://a"],"watchdog":true})")), "");
}

TEST(sinks, a_label_that_no_rule_has_is_warned_about) {
  constexpr std::string_view config = R"({"pro":{"alerting":{"rules":[{"name":"r","field":"x",
      "aggregation":"avg","operand":"equalOrMoreThan","value":1,"timeframe":"1m",
      "labels":{"severity":"page"}}]}},"tocsin":{"webhooks":[{"url":"https://h/","name":"w",
      "match":{"severty":"page"},"body":"{{labels.severity}} {{labels.teem}}"}]}})";
  const auto report = read_settings(config, "c.json", {}, purpose::serve);
  EXPECT_TRUE(says(report, "the webhook `w` names the label `severty`, which no rule has"));
  EXPECT_TRUE(says(report, "the webhook `w` names the label `teem`, which no rule has"));
  EXPECT_EQ(report.found, 2U) << problems(report);
}

TEST(sinks, lists_in_variables_are_json) {
  const auto report =
      read("{}", {},
           {{"BP_CONFIG_TOCSIN_ALERTMANAGERS", R"(["http://a","http://b:1"])"},
            {"BP_CONFIG_TOCSIN_WEBHOOKS", R"([{"url":"http://h/","timeuot":"1s"}])"},
            {"BP_CONFIG_TOCSIN_HOOKTIMEOUT", "1s"},
            {"BP_CONFIG_TOCSIN_EXTERNALURL", "alerts.example.com"}});
  EXPECT_EQ(urls(report), (std::vector<std::string>{"http://a", "http://b:1"}));
  EXPECT_EQ(report.value.hook_timeout_ms, 1'000);
  EXPECT_EQ(problems(report),
            "environment: error: this is no URL to use: it does not begin with http:// or "
            "https://; write http://HOST:PORT or https://HOST (at BP_CONFIG_TOCSIN_EXTERNALURL)\n"
            "environment: error: unknown key `timeuot`: did you mean `timeout`? "
            "(at BP_CONFIG_TOCSIN_WEBHOOKS/0/timeuot)\n");
}

TEST(sinks, a_url_shows_no_more_than_its_site) {
  EXPECT_EQ(read_http_url("https://h:443/s3cr3t?k=1")->site(), "https://h");
  EXPECT_EQ(read_http_url("http://[::1]:9093/x")->site(), "http://[::1]:9093");
}

} // namespace tocsin::sinks_test
