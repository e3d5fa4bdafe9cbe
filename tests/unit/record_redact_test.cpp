// No secret leaves the machine in a triage bundle, however it is written; and what explains a run stays readable.
#include "record/redact.hpp"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <random>

namespace aisp::record {
namespace {
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string redacted(std::string_view text) { return Redactor()(text); }

TEST(Redact, NamesThatAreSecret) {
  for (const char* name : {"HF_TOKEN",
                           "token",
                           "AccessToken",
                           "AWS_SECRET_ACCESS_KEY",
                           "API_KEY",
                           "apiKey",
                           "x-api-key",
                           "DB_PASSWORD",
                           "passwd",
                           "PGPASS",
                           "MYSQL_PWD",
                           "Authorization",
                           "Cookie",
                           "SSH_AUTH_SOCK",
                           "PRIVATE_KEY",
                           "client_secret",
                           "GOOGLE_APPLICATION_CREDENTIALS",
                           "SENTRY_DSN",
                           "SLACK_WEBHOOK_URL",
                           "key",
                           "KEY",
                           "sshKey",
                           "pass",
                           "keys"})
    EXPECT_TRUE(is_secret_name(name)) << name;
  for (const char* name : {"PATH", "PWD", "OLDPWD", "CUDA_VISIBLE_DEVICES", "keyboard", "MONKEY", "bypass", "passes",
                           "OMP_NUM_THREADS", "HOME", "turkeys", "compassion"})
    EXPECT_FALSE(is_secret_name(name)) << name;
}

// Each text holds SESAME in place of the secret.
TEST(Redact, SecretsInEveryFormAreTakenOut) {
  for (const char* text : {
           "HF_TOKEN=SESAME",
           "export API_KEY='SESAME'",
           "DB_PASSWORD=\"SESAME with spaces\" next",
           "password: SESAME and more of it",
           "Password : SESAME",
           "password:=SESAME",
           "Authorization: Bearer SESAME",
           "authorization: Basic SESAME==",
           "Cookie: a=SESAME; b=SESAME",
           "{\"token\": \"SESAME\", \"n\": 1}",
           "{'api_key': 'SESAME'}",
           "{\"password\":\"SE\\\"SAME SESAME\"}",
           "env = {\\\"secret\\\": \\\"SESAME\\\"}",
           "config[\"secret_key\"] = \"SESAME\"",
           "secret => SESAME",
           "--token SESAME --batch 4",
           "--api-key=SESAME",
           "--password 'SESAME x'",
           "curl -H 'X-Api-Key: SESAME' https://host/",
           "https://user:SESAME@host/path",
           "https://SESAME@github.com/a/b.git",
           "postgres://u:SE/SAME@SESAME@db:5432/x",
           "redis://:SESAME@cache",
           "git clone https://oauth2:SESAME@gitlab.com/x",
           "https://host/?access_token=SESAME&page=2",
           "https://host/x?sig=1&X-Amz-Signature=SESAME",
           "-----BEGIN RSA PRIVATE KEY-----\nSESAME\nSESAME\n-----END RSA PRIVATE KEY-----\nafter",
           "-----BEGIN OPENSSH PRIVATE KEY-----\nSESAME\n(cut off)",
           "SESAME\n-----END PRIVATE KEY-----\n",
           "MY_TOKEN\t=\tSESAME",
           "a.b.secret=SESAME",
           "Pwd=SESAME;Server=x",
           "curl -u alice:SESAME https://host/",
           "curl --user 'alice:SESAME' https://host/",
           "curl --proxy-user alice:SESAME https://host/",
       }) {
    const auto out = redacted(text);
    EXPECT_THAT(out, Not(HasSubstr("SESAME"))) << text;
    EXPECT_THAT(out, Not(HasSubstr("SAME"))) << text;
    EXPECT_THAT(out, HasSubstr(std::string(kRedacted))) << text;
  }
}

TEST(Redact, TokensOfKnownFormsNeedNoName) {
  for (const char* token :
       {"AKIAIOSFODNN7EXAMPLE", "ghp_0123456789abcdefABCDEF0123456789abcd", "github_pat_11ABCDEFG0abcdefghijkl",
        "glpat-abcdefghij0123456789", "hf_abcdefghijklmnopqrstuvwxyz", "sk-proj-abcdefghijklmnop0123",
        "xoxb-123456789012-abcdefghij", "AIzaSyA-0123456789abcdefghijklmnopqrstu",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF_123"})
    for (const char* around : {"%", "x %", "(%)", "url/%", "\"%\"", "a=%", "a.%"}) {
      std::string text = around;
      text.replace(text.find('%'), 1, token);
      EXPECT_THAT(redacted(text), Not(HasSubstr(std::string(token).substr(5)))) << text;
    }
}

TEST(Redact, WhatExplainsARunStays) {
  for (const char* text : {"CUDA_VISIBLE_DEVICES=0,1", "PATH=/usr/bin:/bin", "max_tokens: 4096", "tokens=512 batch=8",
                           "PWD=/srv/work", "https://docs.nvidia.com/cuda/", "https://host:8443/a@b",
                           "docker run -u 1000:1000 image", "ch09:softmax online 1.92×", "a key difference",
                           "the token count grew", "ssh-keygen", "sky-blue", "10.0.0.1:8080", "KeyError",
                           "std::map<Key, Value>", "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----"})
    EXPECT_EQ(redacted(text), text);
}

TEST(Redact, TextAroundASecretStays) {
  EXPECT_EQ(redacted("A=1 HF_TOKEN=abc B=2"), "A=1 HF_TOKEN=[redacted] B=2");
  EXPECT_EQ(redacted("{\"token\": \"abc\", \"n\": 1}"), "{\"token\": \"[redacted]\", \"n\": 1}");
  EXPECT_EQ(redacted("https://u:p@host/x"), "https://[redacted]@host/x");
  EXPECT_EQ(redacted("--token abc --batch 4"), "--token [redacted] --batch 4");
  EXPECT_EQ(redacted("password: a b\nnext"), "password: [redacted]\nnext");
}

TEST(Redact, KnownValuesAreTakenOutWhereverTheyStand) {
  const Redactor redact({"hunter2!", "abc", "hunter2!longer"});
  EXPECT_EQ(redact("x hunter2!longer y hunter2! z"), "x [redacted] y [redacted] z");
  EXPECT_EQ(redact("abcdef"), "abcdef") << "three letters are too few to look for";
}

TEST(Redact, ArgumentsAreSeenTogether) {
  EXPECT_THAT(Redactor()(std::vector<std::string>{"curl", "--token", "SESAME", "-u=x", "--key=SESAME", "ok"}),
              ElementsAre("curl", "--token", "[redacted]", "-u=x", "--key=[redacted]", "ok"));
  EXPECT_THAT(Redactor()(std::vector<std::string>{"curl", "-u", "alice:SESAME", "-u", "1000:1000"}),
              ElementsAre("curl", "-u", "[redacted]", "-u", "1000:1000"));
}

TEST(Redact, OfTheEnvironmentOnlyWhatTellsHowProgramsRun) {
  ::setenv("CUDA_TEST_SETTING", "yes", 1);
  ::setenv("NCCL_TEST_URL", "https://u:SESAME@host", 1);
  ::setenv("AISP_TEST_TOKEN", "SESAME-sesame", 1);
  ::setenv("CUDA_TEST_COPY", "holds SESAME-sesame too", 1);
  ::setenv("SOMETHING_ELSE", "private matters", 1);
  ::setenv("LD_TEST", "two\nlines", 1);
  const auto text = redacted_environment(Redactor::of_environment());
  EXPECT_THAT(text, HasSubstr("CUDA_TEST_SETTING=yes\n"));
  EXPECT_THAT(text, HasSubstr("AISP_TEST_TOKEN=[redacted]\n"));
  EXPECT_THAT(text, HasSubstr("SOMETHING_ELSE (value left out)\n"));
  EXPECT_THAT(text, HasSubstr("LD_TEST=two lines\n"));
  EXPECT_THAT(text, Not(HasSubstr("SESAME")));
  EXPECT_THAT(text, Not(HasSubstr("private matters")));
}

// Every text ends, in time and within bounds (the sanitizers watch); a second time changes nothing more.
TEST(Redact, AnyTextIsTakenAndTwiceIsOnce) {
  const std::vector<std::string> pieces = {
      "token", "=",     ":",           "\"",          "'",         "\\",    " ",    "\n", "://",        "@",
      "/",     "--key", "-----BEGIN ", "PRIVATE KEY", "-----END ", "-----", "ghp_", "x",  "[redacted]", "ß",
      "\xff",  "[",     "]",           "{",           "}",         "&",     ";",    "1"};
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto n = random() % 24; n > 0; --n) text += pieces[random() % pieces.size()];
    redacted(text);
  }
  EXPECT_LT(redacted(std::string(1 << 20, '-')).size(), (1u << 20) + 1);
  EXPECT_LT(redacted(std::string(1 << 20, 'a')).size(), (1u << 20) + 1);
  std::string lines;
  for (int i = 0; i < 50'000; ++i) lines += "://";
  EXPECT_FALSE(redacted(lines).empty());
}

}  // namespace
}  // namespace aisp::record
