//! # Recipes
//!
//! Each program is a test of this crate. `jar` is a [`SharedCookieJar`], the jar that clients take; a [`CookieJar`]
//! has the same calls.
//!
//! ## Read the CSRF token after a login
//!
//! [`value_for`](SharedCookieJar::value_for) returns the value that a request to this URL would send:
//!
//! ```
//! # use cookiejar::SharedCookieJar;
//! # use http::Request;
//! # use url::Url;
//! # let (jar, login) = (SharedCookieJar::new(), Url::parse("https://acme.com/login")?);
//! # jar.extract_cookies(&[("Set-Cookie", "csrftoken=c5f1; Path=/")], &login);
//! let account = Url::parse("https://acme.com/account")?;
//! let token = jar.value_for(&account, "csrftoken").ok_or("not logged in")?;
//! let request = Request::post(account.as_str()).header("X-CSRFToken", token).body(())?;
//! # assert_eq!(request.headers()["x-csrftoken"], "c5f1");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Keep a client's cookies in a file
//!
//! The file is loaded if it exists. Session cookies are written only if asked for:
//!
//! ```
//! # use std::sync::Arc;
//! use cookiejar::MozillaCookieJar;
//! use cookiejar::file::{ReadOptions, WriteOptions};
//! # let folder = tempfile::tempdir()?;
//! # let file = folder.path().join("cookies.txt");
//! # let url = url::Url::parse("https://acme.com/")?;
//!
//! let cookies = MozillaCookieJar::new(&file);
//! if file.exists() {
//!     cookies.load_with(ReadOptions::new().ignore_discard(true))?;
//! }
//! let client = reqwest::Client::builder().cookie_provider(Arc::new(cookies.jar()));
//! # cookies.jar().extract_cookies(&[("Set-Cookie", "sid=31d4")], &url);
//! // .. requests ..
//! cookies.save_with(WriteOptions::new().ignore_discard(true))?;
//! # cookies.revert_with(ReadOptions::new().ignore_discard(true))?;
//! # assert_eq!(cookies.jar().cookie_header(&url).expect("a header"), "sid=31d4");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Without session cookies, `MozillaCookieJar::open(file)?`, requests, and `save()?` are enough.
//!
//! With feature `sqlite`, nothing needs to be saved: `PersistentCookieJar::open("cookies.db")?.jar()` writes each change
//! within a tenth of a second (`guide::persistence`). It leaves session cookies out, too. To store them, open it with
//! `PersistentCookieJar::with(Sqlite::new("cookies.db"), PersistOptions::new().session_cookies(true))`.
//!
//! ## Delete one cookie
//!
//! By URL and name, or by the [id](crate::CookieId) of a cookie that was found:
//!
//! ```
//! # use cookiejar::SharedCookieJar;
//! # let (jar, url) = (SharedCookieJar::new(), url::Url::parse("https://acme.com/")?);
//! # jar.extract_cookies(&[("Set-Cookie", "sid=31d4"), ("Set-Cookie", "tour=seen")], &url);
//! jar.remove_for(&url, "sid")?;
//! for cookie in jar.cookies_of_site("acme.com") {
//!     jar.remove(cookie.id())?;
//! }
//! # assert!(jar.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Paste a `Cookie` header or a `Set-Cookie`
//!
//! Such as the header that a browser's developer tools show: [`insert_pairs`](CookieJar::insert_pairs) takes the first,
//! [`set_cookie_str`](CookieJar::set_cookie_str) the second. Both go through the policy.
//!
//! ## Block a tracker under any policy
//!
//! ```
//! use cookiejar::policy::DomainList;
//! use cookiejar::{BrowserPolicy, Cookie, PolicyExt, Rejection, SharedCookieJar, set_ok_fn};
//!
//! let hosts = DomainList::block_sites(["tracker.example"])?;
//! let names = set_ok_fn(|cookie: &Cookie, _| match cookie.name() {
//!     "_ga" => Err(Rejection::Custom(&"a tracker's cookie")),
//!     _ => Ok(()),
//! });
//! let jar = SharedCookieJar::with_policy(BrowserPolicy::new().and(hosts).and(names));
//! # let url = url::Url::parse("https://acme.com/")?;
//! # let report = jar.extract_cookies(&[("Set-Cookie", "_ga=1")], &url);
//! # assert_eq!(report.rejected[0].to_string(), "_ga: a tracker's cookie");
//! # let url = url::Url::parse("https://cdn.tracker.example/")?;
//! # let report = jar.extract_cookies(&[("Set-Cookie", "id=1")], &url);
//! # assert_eq!(report.rejected[0].reason, Rejection::BlockedDomain);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Crawl with sessions, asynchronously
//!
//! [`CookieSessions`] has a jar for each key. A clone shares the sessions, and no call waits:
//!
//! ```
//! # use axum::{Router, body::Body, http::{HeaderMap, Request}, routing::get};
//! # use cookiejar::CookieSessions;
//! # use tower::ServiceExt;
//! # use url::Url;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let client = Router::new().route("/", get(|headers: HeaderMap| async move {
//! #     [("Set-Cookie", if headers.contains_key("cookie") { "again=1" } else { "first=1" })]
//! # }));
//! let sessions = CookieSessions::<u32>::new();
//! let mut tasks = tokio::task::JoinSet::new();
//! for user in 0..10 {
//!     let (sessions, client) = (sessions.clone(), client.clone());
//!     tasks.spawn(async move {
//!         let url = Url::parse("https://acme.com/").expect("a URL");
//!         let mut request = Request::get("/").body(Body::empty()).expect("a request");
//!         sessions.process_request(&user, &mut request, &url);
//!         let response = client.oneshot(request).await.expect("a response");
//!         sessions.process_response(&user, &response, &url);
//!     });
//! }
//! # tasks.join_all().await;
//! # assert_eq!(sessions.iter().map(|(_, jar)| jar.len()).sum::<usize>(), 10);
//! # Ok(())
//! # }
//! ```
//!
//! With `tower` or ureq, one client serves all sessions: each request names its jar by `client::CookieOptions::jar`. With
//! reqwest, give each session a client, `cookie_provider(Arc::new(sessions.jar(&user)))`; or switch the redirects of one
//! client off and follow them by `redirect::RedirectRules`, with `process_request` and `process_response` at each hop:
//! reqwest's `Response` has the headers and the status that they read.
//! `sessions.save(file)` and `load` carry all sessions over to the next run.
//!
//! ## Coming from `cookie_store` or `reqwest_cookie_store`
//!
//! `JsonCookieJar` (feature `json`) reads the files that they wrote. It saves them in a format of its own, which also
//! keeps what theirs loses:
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # let file = folder.path().join("cookies.json");
//! # std::fs::write(&file, r#"[{"raw_cookie":"sid=31d4; Path=/; Max-Age=99999999999","path":["/",true],"domain":{"HostOnly":"acme.com"},"expires":{"AtUtc":"2126-01-01T00:00:00Z"}}]"#)?;
//! use cookiejar::JsonCookieJar;
//! use url::Url;
//!
//! let cookies = JsonCookieJar::open(&file)?;
//! let header = cookies.jar().cookie_header(&Url::parse("https://acme.com/")?);
//! assert_eq!(header.expect("a header"), "sid=31d4");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | there | here |
//! |---|---|
//! | `CookieStore::default()` | [`CookieJar::new`] |
//! | `CookieStoreMutex`, `CookieStoreRwLock` of `reqwest_cookie_store` | [`SharedCookieJar`], which needs no lock around it |
//! | `store.parse("a=1", &url)` | `jar.set_cookie_str("a=1", &url)` |
//! | `store.store_response_cookies(cookies, &url)` | `jar.extract_cookies(&response, &url)` |
//! | `store.get_request_values(&url)` | `jar.cookie_header(&url)`, or `jar.cookies_for(&url)` |
//! | `store.get("acme.com", "/", "a")`, `remove` | `jar.get(("acme.com", "/", "a"))`, `remove`; the domain of a cookie with `Domain` begins with a dot |
//! | `store.iter_unexpired()`, `iter_any()` | `jar.iter()`, with `cookie.is_expired(now)` |
//! | `serde::json::load`, `save` | `JsonCookieJar::open`, `save` |
//! | a public suffix list, `with_suffix_list` | compiled in by feature `psl`, which is on by default |

#![expect(unused_imports, reason = "the links of the text")]

use crate::{CookieJar, CookieSessions, SharedCookieJar};
