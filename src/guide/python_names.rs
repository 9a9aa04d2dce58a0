//! # Python's names
//!
//! The names of `http.cookiejar`, and where this crate has them.
//!
//! ## `CookieJar`
//!
//! | Python | here |
//! |---|---|
//! | `make_cookies`, `set_cookie`, `set_cookie_if_ok`, `clear`, `clear_session_cookies`, `clear_expired_cookies`, `len`, iteration | the same, with `&url` for the request |
//! | `CookieJar()`, `CookieJar(policy)` | `CookieJar::new()`, `CookieJar::with_policy(policy)` |
//! | `jar.extract_cookies(response, request)` | `jar.extract_cookies(&response, &url)`, which returns an `ExtractReport` |
//! | `jar.add_cookie_header(request)` | `jar.add_cookie_header(&mut request)`; `add_cookie_header_to(&mut headers, &url)`; `cookie_header(&url)` for the bytes; `merge_cookie_header`, to choose what happens to an existing `Cookie` header |
//! | `jar.set_policy(policy)` | `jar.set_policy(policy)`; `policy()`, `policy_mut()`. A `CookieJar<Arc<dyn CookiePolicy>>` takes a policy of any type |
//! | `jar.clear(domain)` | `jar.clear_domain(domain)` |
//! | `jar.clear(domain, path)` | `jar.clear_path(domain, path)` |
//! | `jar.clear(domain, path, name)` | `jar.remove((domain, path, name))` |
//! | `KeyError` of `clear` | `NotFound` |
//! | `repr(jar)`, `str(jar)` | `{jar:?}`, which shows counts and no cookie |
//! | | `get`, `cookies_for`, `explain`, `retain`, `drain`, `extend`, `collect`, `set_clock` |
//!
//! ## `FileCookieJar`, `MozillaCookieJar`, `LWPCookieJar`, `LoadError`
//!
//! | Python | here |
//! |---|---|
//! | `filename`, `save()`, `load()`, `revert()` | the same, and `set_filename(...)` |
//! | `MozillaCookieJar(filename)` (`cookies.txt`) | `MozillaCookieJar::new(filename)` |
//! | `LWPCookieJar(filename)` (`Set-Cookie3`) | `LwpCookieJar::new(filename)` |
//! | `FileCookieJar`, a base class | `FileCookieJar<F>`, with a `file::CookieFormat` as `F`; `jar()` is a handle of the `SharedCookieJar` inside |
//! | `policy=...` | `MozillaCookieJar::with_jar(CookieJar::with_policy(policy))`, then `set_filename(Some(filename))` |
//! | `delayload`, `jar.delayload` | no counterpart: a hint that Python's formats ignore, too |
//! | `jar.save(filename, ignore_discard, ignore_expires)` | `save_with(SaveOptions::new().filename(filename).write(WriteOptions::new().ignore_discard(true).ignore_expires(true)))` |
//! | `jar.load(filename, ignore_discard, ignore_expires)` | `load_with(LoadOptions::new().filename(filename).read(ReadOptions::new().ignore_discard(true).ignore_expires(true)))`; the same for `revert_with` |
//! | a file that Python wrote, or will read | `ReadOptions::python_form(true)`, `WriteOptions::python_form(true)` |
//! | `jar.as_lwp_str(ignore_discard, ignore_expires)` | `file::lwp::write(&mut text, &jar, &options)`, the first line included |
//! | `LoadError`, `OSError` | `file::LoadError`, `file::SaveError`; with `line()` and `kind()` |
//! | | `JsonCookieJar`; `file::save`, and `read` and `write` of `file::cookies_txt`, `file::lwp` and `file::json`, without a jar |
//!
//! ## `Cookie`
//!
//! | Python | here |
//! |---|---|
//! | `version`, `name`, `value`, `port`, `port_specified`, `domain`, `domain_specified`, `domain_initial_dot`, `path`, `path_specified`, `secure`, `expires`, `discard`, `comment`, `comment_url`, `rfc2109`, `set_nonstandard_attr` | methods of these names; also `name_bytes`, `value_bytes`, `path_bytes`, `host_only` |
//! | `Cookie(version, name, value, ...)` | `Cookie::builder(name, value).domain(domain)...build()` |
//! | `cookie.has_nonstandard_attr(name)` | `has_nonstandard_attr(name)`; `http_only()`, `same_site()`, `partitioned()` |
//! | `cookie.get_nonstandard_attr(name, default)` | `nonstandard_attr(name)`; `nonstandard_attrs()` |
//! | `cookie.is_expired(now)` | `is_expired(now)`; the caller gives the time |
//! | `cookie.value = ...` and the like | `set_value`, `set_domain`, `set_path`, `set_expires`, `set_discard`, `set_secure`, `set_version`; the builder for the other parts |
//! | `str(cookie)` | `cookie.to_string()` without the value, `cookie.display_with_value()` with it |
//! | | `creation_time()`, `last_access_time()` |
//!
//! ## `CookiePolicy`
//!
//! | Python | here |
//! |---|---|
//! | `set_ok`, `return_ok`, `domain_return_ok`, `path_return_ok` | the same, with the result `Ok(())` or `Err(Rejection)` |
//! | `policy.netscape`, `rfc2965`, `hide_cookie2` | `settings().get_protocols()` |
//! | a subclass of `DefaultCookiePolicy` | `policy.and(set_ok_fn(...))`, `policy.and(return_ok_fn(...))`, `policy.map_set_ok(...)`, or a `CookiePolicy` that wraps it |
//!
//! ## `DefaultCookiePolicy`
//!
//! Each argument is a method by value, and one with `set_` before its name for a policy in use, through `policy_mut()`.
//!
//! | Python | here |
//! |---|---|
//! | `netscape`, `rfc2965`, `rfc2109_as_netscape`, `hide_cookie2`, `strict_domain`, `strict_rfc2965_unverifiable`, `strict_ns_unverifiable`, `strict_ns_set_initial_dollar`, `strict_ns_set_path`, `secure_protocols`, `blocked_domains`, `is_blocked`, `allowed_domains`, `is_not_allowed` | the same |
//! | `DefaultCookiePolicy()` | `DefaultCookiePolicy::new()`; `DefaultCookiePolicy::python()` has the guards switched off |
//! | `blocked_domains=...`, `set_blocked_domains(...)` | `block_domains(...)`, `set_blocked_domains(...)` |
//! | `allowed_domains=...`, `set_allowed_domains(...)` | `allow_domains(...)`, `set_allowed_domains(...)` |
//! | `set_allowed_domains(None)` | `allow_all_domains()` |
//! | `strict_ns_domain` | `strict_ns_domain`, with a `StrictNsDomain` |
//! | `DomainStrictNoDots`, `DomainStrictNonDomain`, `DomainRFC2965Match` | `StrictNsDomain`'s fields `no_dots`, `non_domain`, `rfc2965_match` |
//! | `DomainLiberal`, `DomainStrict` | `StrictNsDomain::LIBERAL`, `StrictNsDomain::STRICT` |
//! | `set_ok_version`, `return_ok_version` | `Rejection::NetscapeOff`, `Rfc2965Off` |
//! | `set_ok_verifiability`, `return_ok_verifiability` | `Rejection::ThirdParty` |
//! | `set_ok_name` | `Rejection::DollarName` |
//! | `set_ok_path` | `Rejection::PathMismatch` |
//! | `set_ok_domain` | `Rejection::BlockedDomain`, `DomainNotAllowed`, `CountrySecondLevel`, `DomainWithoutDot`, `DomainMismatch`, `DomainNotMatched`, `HostPrefixWithDot` |
//! | `set_ok_port`, `return_ok_port` | `Rejection::PortMismatch`, `InvalidPort` |
//! | `return_ok_secure`, `return_ok_expires` | `Rejection::InsecureRequest`, `Expired` |
//! | `return_ok_domain` | `Rejection::DomainMismatch`, `DomainNotMatched`, `NotSameHost` |
//! | | guards of its own: `host_only`, `suffixes`, `reject_control_characters`, `limits` |
//!
//! ## `urllib`: requests and handlers
//!
//! | Python | here |
//! |---|---|
//! | `request.get_full_url()`, `host`, `type` | a `RequestContext`: made from `&Url`, `&Uri`, `&Request<B>`, or `RequestContext::new(scheme, host, port, path)` |
//! | `request.unverifiable` | `Provenance::unverifiable(yes)`, `is_unverifiable()` |
//! | `request.origin_req_host` | `Provenance::origin_host(host)`, `origin()` |
//! | `request.has_header(name)`, `get_header(name)`, `header_items()` | `HeaderFields::header_values(name)` |
//! | `request.add_unredirected_header(name, value)` | `RequestHeaders::append_header(name, value)`; `RedirectRules::follow` removes the jar's header before the next hop |
//! | `response.info().get_all(name)` | `HeaderFields::header_values(name)` |
//! | `HTTPCookieProcessor(jar)` | `client::tower::CookieLayer`, `client::ureq_3::agent`, or the jar as reqwest's `cookie_provider`; in a client of your own, the two calls at each hop |
//! | `HTTPCookieProcessor(None)`, `processor.cookiejar` | `CookieLayer::default()`, `layer.jar()` |
//! | `HTTPRedirectHandler` | `redirect::RedirectRules`, `Hop` and `Redirect` |
//! | `max_redirections`, `max_repeats` | `RedirectRules::limit`, `RedirectRules::repeats` |
