#include "record/redact.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>

extern char** environ;

namespace aisp::record {
namespace {

constexpr std::size_t kLeastSecret = 6;
constexpr std::size_t kLongestLine = 4096;  // bytes that are looked ahead: time stays linear in the text

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }
bool is_name(char c) { return is_word(c) || c == '-' || c == '.'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_token(char c) { return is_word(c) || std::string_view("-.+/=~").find(c) != std::string_view::npos; }

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

// How tokens of well-known issuers begin.
constexpr std::array<std::string_view, 24> kPrefixes = {
    "AKIA",   "ASIA",  "ghp_", "gho_",     "ghu_",     "ghs_",  "ghr_",      "github_pat_",
    "glpat-", "hf_",   "sk-",  "sk_live_", "rk_live_", "xoxb-", "xoxp-",     "xoxa-",
    "xoxr-",  "xapp-", "AIza", "ya29.",    "npm_",     "pypi-", "dckr_pat_", "eyJ"};
constexpr std::size_t kLeastToken = 12;  // with its prefix

// user:password, and not two numbers.
bool is_login(std::string_view word) {
  const auto colon = word.find(':');
  return colon != std::string_view::npos && colon + 1 < word.size() &&
         word.find_first_not_of("0123456789:") != std::string_view::npos;
}

// Walks along the text once; each of its steps either copies or replaces.
class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text) {}

  std::string run() {
    if (const auto end = orphan_key_end()) replace_to(end);
    while (at_ < text_.size()) {
      if (private_key() || user_of_url() || user_option() || known_token() || named_value()) continue;
      out_ += text_[at_++];
    }
    return std::move(out_);
  }

 private:
  char here(std::size_t offset = 0) const { return at_ + offset < text_.size() ? text_[at_ + offset] : '\0'; }
  bool starts(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  bool at_word() const { return at_ == 0 || !is_word(text_[at_ - 1]); }
  void replace_to(std::size_t end) {
    if (end > at_) out_ += kRedacted;
    at_ = std::max(at_, end);
  }
  void copy_to(std::size_t end) {
    out_ += text_.substr(at_, end - at_);
    at_ = end;
  }

  // Where the first PEM block ends whose beginning was cut off before this text; 0 without one.
  std::size_t orphan_key_end() const {
    const auto end = text_.find("-----END "), begin = text_.find("-----BEGIN ");
    if (end == std::string_view::npos || begin < end) return 0;
    const auto line = text_.substr(end, text_.find('\n', end) - end);
    return line.find("PRIVATE KEY") == std::string_view::npos ? 0 : end + line.size();
  }

  bool private_key() {
    if (!starts("-----BEGIN ")) return false;
    auto line = text_.substr(at_, kLongestLine);
    line = line.substr(0, line.find('\n'));
    if (line.find("PRIVATE KEY") == std::string_view::npos) return false;
    const auto end = text_.find("-----END ", at_);
    const auto rest = end == std::string_view::npos ? end : text_.find("-----", end + 9);
    replace_to(rest == std::string_view::npos ? text_.size() : rest + 5);
    return true;
  }

  // scheme://user:password@host; a user alone may be a token too.
  bool user_of_url() {
    if (!starts("://")) return false;
    copy_to(at_ + 3);
    auto word = text_.substr(at_, kLongestLine);
    word = word.substr(0, word.find_first_of(" \t\r\n\"'<>`"));
    const auto authority = word.substr(0, word.find_first_of("/?#"));
    // A password may hold what ends an authority by the letter of RFC 3986: the last @ of the word counts then.
    const auto last = authority.find('@') != std::string_view::npos ? authority.rfind('@') : password_end(word);
    if (last != std::string_view::npos) replace_to(at_ + last);
    return true;
  }
  // The last '@' of user:pass/word@host, else npos: an '@' in a path without a ':' before it is no password.
  static std::size_t password_end(std::string_view word) {
    const auto last = word.rfind('@'), colon = word.find(':');
    const auto slash = word.find('/');
    return last != std::string_view::npos && colon < slash && colon < last &&
                   !digits(word.substr(colon + 1, slash - colon - 1))
               ? last
               : std::string_view::npos;
  }
  static bool digits(std::string_view text) {  // a port
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); });
  }

  // curl -u user:password; numbers are docker's --user 1000:1000.
  bool user_option() {
    if (here() != '-' || (at_ > 0 && is_name(text_[at_ - 1]))) return false;
    for (const std::string_view option : {"-u ", "--user ", "--user=", "--proxy-user "}) {
      if (!starts(option)) continue;
      auto word = text_.substr(at_ + option.size(), kLongestLine);
      const bool quoted = !word.empty() && (word.front() == '"' || word.front() == '\'');
      if (quoted) word.remove_prefix(1);
      word = word.substr(0, word.find_first_of(" \t\r\n\"'"));
      if (!is_login(word)) return false;
      copy_to(at_ + option.size() + (quoted ? 1 : 0));
      replace_to(at_ + word.size());
      return true;
    }
    return false;
  }

  bool known_token() {
    if (!at_word()) return false;
    for (const auto prefix : kPrefixes) {
      if (!starts(prefix)) continue;
      auto end = at_;
      while (end < text_.size() && is_token(text_[end])) ++end;
      if (end - at_ < kLeastToken) continue;
      replace_to(end);
      return true;
    }
    return false;
  }

  // NAME=value, "name": "value", name: value to the end of the line, --name value.
  bool named_value() {
    if (!is_name(here()) || (at_ > 0 && is_name(text_[at_ - 1]))) return false;
    auto end = at_;
    while (end < text_.size() && is_name(text_[end])) ++end;
    const auto name = text_.substr(at_, end - at_);
    if (!is_secret_name(name)) {
      // The rest of a name that is not secret holds no name of its own, but may hold a token: "a.ghp_…".
      if (std::any_of(kPrefixes.begin(), kPrefixes.end(),
                      [&](auto p) { return name.find(p) != std::string_view::npos; }))
        return false;
      copy_to(end);
      return true;
    }
    copy_to(end);
    auto next = at_;
    while (next < text_.size() && (text_[next] == '"' || text_[next] == '\'' || text_[next] == '\\' ||
                                   text_[next] == ']' || is_blank(text_[next])))
      ++next;
    const bool option = name.starts_with("--");
    const char separator = next < text_.size() ? text_[next] : '\0';
    const bool quoted_name = next > at_ && separator != '=' && separator != ':';
    if (separator == '=' || separator == ':') {
      ++next;
      if (separator == ':' && next < text_.size() && text_[next] == '=') ++next;
      while (next < text_.size() && (is_blank(text_[next]) || text_[next] == '>')) ++next;
    } else if (!option || !quoted_name) {
      return true;  // the name alone
    }
    copy_to(next);
    redact_value(name, separator == ':');
    return true;
  }

  void redact_value(std::string_view name, bool to_line_end) {
    auto end = at_;
    while (end < text_.size() && text_[end] == '\\') ++end;  // \"…\" of JSON within a string
    const auto escapes = end - at_;
    const char quote = end < text_.size() ? text_[end] : '\0';
    if (quote == '"' || quote == '\'') {
      copy_to(end + 1);
      end = at_;
      while (end < text_.size() && (text_[end] != quote || slashes_before(end) > escapes)) ++end;
      while (end > at_ && end < text_.size() && text_[end - 1] == '\\' && escapes) --end;
      return replace_to(end);
    }
    end = text_.find_first_of(to_line_end ? "\r\n" : " \t\r\n&;\"'", at_);
    if (end == std::string_view::npos) end = text_.size();
    const auto value = text_.substr(at_, end - at_);
    if (is_count(name, value)) return copy_to(end);
    replace_to(end);
  }
  std::size_t slashes_before(std::size_t place) const {
    std::size_t n = 0;
    while (place > at_ + n && text_[place - n - 1] == '\\') ++n;
    return n;
  }
  // "max_tokens: 4096" says how large the work is.
  static bool is_count(std::string_view name, std::string_view value) {
    auto number = value.substr(0, value.find_first_of(" ,}]"));
    return lowered(name).ends_with("tokens") && number.size() <= 8 && digits(number);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

bool is_secret_name(std::string_view name) {
  constexpr std::array<std::string_view, 20> kParts = {"token",     "secret",     "passw",      "passphrase", "pgpass",
                                                       "pwd",       "credential", "apikey",     "api_key",    "api-key",
                                                       "auth",      "cookie",     "session_id", "sessionid",  "private",
                                                       "signature", "webhook",    "bearer",     "dsn",        "otp"};
  const auto text = lowered(name);
  if (name == "PWD" || name == "OLDPWD") return false;  // the working folder
  for (const auto part : kParts)
    if (text.find(part) != std::string::npos) return true;
  // "key" and "pass" as words of their own: not "keyboard", "monkey", "bypass", "passes".
  for (const std::string_view word : {"key", "keys", "pass"})
    for (auto place = text.find(word); place != std::string::npos; place = text.find(word, place + 1)) {
      const auto after = place + word.size();
      const bool begins = place == 0 || !std::isalpha(static_cast<unsigned char>(name[place - 1])) ||
                          (std::isupper(static_cast<unsigned char>(name[place])) &&
                           std::islower(static_cast<unsigned char>(name[place - 1])));  // camelCase
      if (begins && (after == text.size() || !std::islower(static_cast<unsigned char>(text[after])))) return true;
    }
  return false;
}

Redactor::Redactor(std::vector<std::string> secrets) : secrets_(std::move(secrets)) {
  std::erase_if(secrets_, [](const auto& s) { return s.size() < kLeastSecret; });
  std::sort(secrets_.begin(), secrets_.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

Redactor Redactor::of_environment() {
  std::vector<std::string> secrets;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view line = *entry;
    const auto equals = line.find('=');
    if (equals != std::string_view::npos && is_secret_name(line.substr(0, equals)))
      secrets.emplace_back(line.substr(equals + 1));
  }
  return Redactor(std::move(secrets));
}

std::string Redactor::operator()(std::string_view text) const {
  std::string known(text);
  for (const auto& secret : secrets_)
    for (auto place = known.find(secret); place != std::string::npos;
         place = known.find(secret, place + kRedacted.size()))
      known.replace(place, secret.size(), kRedacted);
  return Scan(known).run();
}

std::vector<std::string> Redactor::operator()(const std::vector<std::string>& arguments) const {
  std::vector<std::string> out;
  bool value = false, login = false;  // the argument before was "--token", "-u"
  for (const auto& argument : arguments) {
    out.push_back(value || (login && is_login(argument)) ? std::string(kRedacted) : (*this)(argument));
    login = argument == "-u" || argument == "--user" || argument == "--proxy-user";
    value = argument.starts_with('-') && argument.find('=') == std::string::npos && is_secret_name(argument);
  }
  return out;
}

std::string redacted_environment(const Redactor& redact) {
  constexpr std::array<std::string_view, 31> kFamilies = {
      "AISP_",     "CUDA",  "CUBLAS", "CUDNN", "NCCL_",   "NVIDIA_", "NV_",   "OMP_",     "GOMP_", "KMP_", "MKL_",
      "OPENBLAS_", "BLIS_", "UCX_",   "OMPI_", "PMIX_",   "SLURM_",  "TORCH", "PYTORCH_", "XLA_",  "TF_",  "JAX_",
      "TRITON_",   "VLLM_", "HIP_",   "ROCR_", "MALLOC_", "LD_",     "LC_",   "TBB_",     "PERF_"};
  constexpr std::array<std::string_view, 7> kNames = {"PATH",   "LANG",           "SHELL",   "TERM",
                                                      "TMPDIR", "GLIBC_TUNABLES", "NO_COLOR"};
  std::vector<std::string> lines;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view line = *entry;
    const auto name = line.substr(0, line.find('='));
    const bool tells = std::find(kNames.begin(), kNames.end(), name) != kNames.end() ||
                       std::any_of(kFamilies.begin(), kFamilies.end(), [&](auto f) { return name.starts_with(f); });
    if (is_secret_name(name))
      lines.push_back(std::string(name) + "=" + std::string(kRedacted));
    else
      lines.push_back(tells ? redact(line) : std::string(name) + " (value left out)");
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (auto& line : lines) {
    std::replace(line.begin(), line.end(), '\n', ' ');
    text += line + "\n";
  }
  return text;
}

}  // namespace aisp::record
