//! # Files
//!
//! [`MozillaCookieJar`] and [`LwpCookieJar`] are Python's; `JsonCookieJar` (feature `json`) loses nothing. Each is a
//! [`SharedCookieJar`] with a file name, and [`jar`](crate::file::FileCookieJar::jar) returns a handle of the jar for a
//! client. The module [`file`](crate::file) has the formats, and functions without a jar: [`file::load`](crate::file::load)
//! reads cookies, and [`import`](CookieJar::import) stores them in any jar.
//!
//! | what | default | because |
//! |---|---|---|
//! | session cookies | are neither saved nor loaded | their session is over. `ignore_discard(true)` includes them, as in Python |
//! | expired cookies | are neither saved nor loaded | they would never be sent. `ignore_expires(true)` includes them |
//! | expired cookies, in functions without a jar | are read and written | a function has no clock: [`at`](crate::file::ReadOptions::at) names the time |
//! | [`open`](crate::file::FileCookieJar::open) | loads the file if it exists | on the first run it does not |
//! | [`load`](crate::file::FileCookieJar::load) | adds to the jar; [`revert`](crate::file::FileCookieJar::revert) replaces all of it | as in Python. If it fails, the jar does not change |
//! | policy and limits | are not asked when a file is loaded, unless [`ask_policy`](crate::file::LoadOptions::ask_policy) and [`limited`](crate::file::LoadOptions::limited) say so | the program that wrote the file has judged the cookies, and the policy judges again when one is sent |
//! | a file that Python wrote, or will read | needs `python_form`, to [read](crate::file::ReadOptions::python_form) and to [write](crate::file::WriteOptions::python_form) | a file does not say who wrote it |
//! | a line that is not a cookie | is skipped and reported | the other lines are good. [`strict`](crate::file::ReadOptions::strict) rejects the file where Python does; each format lists the exceptions |
//! | in a header dump, the cookies after a redirect to another site | are skipped | each server could forge the next head. [`trust_redirects`](crate::file::ReadOptions::trust_redirects) reads them |
//! | a line longer than [`max_line`](crate::file::ReadOptions::max_line), 1 MiB | is skipped and reported, by reader and writer; so are cookies for which a file of [`max_bytes`](crate::file::WriteOptions::max_bytes), 256 MiB, has no room | whatever a server sent, a saved file can be loaded |
//! | a last line without a line break | is read if it is complete, and reported; in a file of this library it is skipped, as it is everywhere by [`unterminated(false)`](crate::file::ReadOptions::unterminated) | exporters write such lines. This library ends every line with a break, so the line was cut off |
//! | an empty file | has no cookies; `strict` rejects it | a new file is not an error |
//! | a file of unknown format | [`read_any`](crate::file::read_any_with) recognizes it and reports the format; a file with the signs of two formats is an error, except that the first record of a JSON array decides for all | a guess could send a cookie to hosts for which it was not meant |
//! | in the JSON of browsers, a cookie in a partition | is kept in it, under the [key that a request names](Provenance::partition_key), or as [`partitions`](crate::file::ReadOptions::partitions) says | outside it, the cookie would be sent where the browser never sends it |
//! | in a Firefox profile or the JSON of browsers, a cookie of a container or a private window | is counted and skipped | a tab outside containers has none of its cookies. [`containers`](crate::file::ReadOptions::containers) asks for one or all |
//! | in JSON from other programs, a cookie without a domain | is skipped | its host is unknown. [`of_url`](crate::file::ReadOptions::of_url) names the page |
//! | in `cookies.txt`, a first flag that disagrees with the dot of the domain | the flag counts | as curl reads it |
//! | in `cookies.txt`, an `HttpOnly` cookie | its line begins with `#HttpOnly_` | as curl writes it. To wget such lines are comments: [`http_only_prefix(false)`](crate::file::WriteOptions::http_only_prefix) |
//! | in `cookies.txt`, a session cookie | is written with the expiry `0`; `0` and an empty field are read | as curl writes it |
//! | text | the header's bytes | a cookie is sent as it was received |
//! | saving | a new file replaces the old one, on Unix with mode 0600; elsewhere the folder decides who can read it | after a kill, the file is the old one or the new one, and cookies are secrets |
//! | a folder that others can write | temporary names cannot be guessed, no lock or pipe is waited for, and in a sticky folder another user's link is not followed | other users cannot block a save or redirect it |
//! | a file of another user | is an error; root replaces it and keeps the owner, unless another user could have put it there | [`any_owner`](crate::file::SaveOptions::any_owner) replaces it with a file of the current user |
//! | a pipe or a device | is an error at once, for saving and loading | either could wait forever |
//!
//! # Several programs, one file
//!
//! Each calls [`sync`](crate::file::FileCookieJar::sync) now and then: under a lock it reads the file, merges, and
//! saves.
//!
//! | what | default | because |
//! |---|---|---|
//! | a cookie that one side changed or deleted | the other side takes the change | nothing is lost, and nothing deleted reappears |
//! | one that both changed | the jar's cookie wins | it is newer: the file was written before |
//! | what counts as deleted | a cookie that the jar or the file had when they were last loaded, saved or synced, and no longer has. Without an earlier time, or without a file, nothing counts as deleted | a program that starts must not empty the file |
//! | session cookies | stay in their jar, and in the file if they were written there. [`ignore_discard(true)`](crate::file::SyncOptions::ignore_discard) syncs them, too | their session is that of one program |
//! | another program holds the lock | the jar waits for at most ten seconds, then [`Locked`](crate::file::SyncError::Locked) is the error: [`wait`](crate::file::SyncOptions::wait) | no call waits forever |
//! | programs that do not ask for the lock, such as curl, and [`save`](crate::file::FileCookieJar::save) | are not blocked | the lock is advisory. It is on `cookies.txt.lock`, which `flock` can lock, too |
//! | a program that is killed | its lock is free at once | the operating system holds the lock; no file has to be removed |
//!
//! # Every format
//!
//! [`read_any`](crate::file::read_any_with) recognizes and reads each of them. Every format keeps the name, the value, the
//! domain, the path, `Secure` and the expiry. A cookie that a format cannot carry is skipped and reported.
//! `json::Program` has the writers for programs; they and the readers of JSON need feature `json`.
//!
//! | format | written by | read by | also keeps | loses |
//! |---|---|---|---|---|
//! | [`cookies.txt`](crate::file::cookies_txt) | this library, curl, wget, yt-dlp, extensions, Python | the same | `HttpOnly`, one port of a host | RFC 2965 but for other ports (skipped), other attributes, `SameSite`, partitions (skipped), creation |
//! | [LWP](crate::file::lwp) | this library, libwww-perl, Python | the same | RFC 2965, attributes that are words | partitions (skipped), creation |
//! | JSON (`file::json`) | this library | this library | everything | nothing |
//! | Playwright's storage state | this library, Playwright | Playwright, this library | `HttpOnly`, `SameSite`, partitions; by choice the `origins` of a file | RFC 2965, other attributes, creation, octets that are not UTF-8 (skipped), ports (skipped) |
//! | the array of extensions | this library, extensions on `chrome.cookies`, Cookie Quick Manager | extensions, this library | the same, host-only | the same |
//! | Puppeteer and CDP | this library, Puppeteer | Puppeteer, `Network.setCookies`, this library | as Playwright | the same |
//! | Selenium and WebDriver | this library, Selenium | Selenium, this library | `HttpOnly`, `SameSite` | the same, partitions (skipped), host-only cookies of other pages (skipped) |
//! | `cookie_store`, its array | this library, `cookie_store` | `cookie_store`, this library | attributes, host-only | RFC 2965, creation, partitions (skipped), nameless cookies and names with blanks (skipped) |
//! | `cookie_store`, its older lines | `cookie_store` | this library | the same | |
//! | tough-cookie: a jar, a list, the file store | tough-cookie, http-cookie-agent and others | this library | `HttpOnly`, `SameSite`, host-only, extensions, creation | |
//! | Guzzle | Guzzle | this library | `HttpOnly`, `SameSite`; host-only by its field or, in older files, by the dot | |
//! | HTTP archives | browsers, proxies, Playwright | this library | the responses, each judged for its URL and time | earlier cookies, partitioned cookies (skipped) |
//! | [header dumps](crate::file::header_dump) | `curl -D` | curl's `-b`, this library | the responses, each judged | URLs, except those of redirects within a site |
//! | `cookies.sqlite` (feature `sqlite`) | Firefox | this library | `HttpOnly`, `SameSite`, partitions, creation and last access | session cookies, which Firefox stores elsewhere |
//!
//! # The cookies of a browser
//!
//! Firefox keeps its cookies in `cookies.sqlite` of a profile, in the clear: `file::firefox::read` (feature `sqlite`)
//! reads them, even while Firefox is running. Browsers based on Chromium encrypt theirs with a key of the user's
//! session, and Safari protects its own from other programs. This library does not search for profiles and decrypts
//! nothing; these ways produce files that it reads:
//!
//! | way | reader |
//! |---|---|
//! | Playwright's `context.storageState({ path })`, from a browser that it drives | `file::json` |
//! | an extension that exports cookies, as JSON or as `cookies.txt`, from the browser that is in use | `file::json`, [`file::cookies_txt`](crate::file::cookies_txt) |
//! | `yt-dlp --cookies-from-browser chrome --cookies cookies.txt`, which decrypts what its user can decrypt | [`file::cookies_txt`](crate::file::cookies_txt) |
//! | the developer tools' HTTP archive, saved with sensitive data | `file::har` |
//! | the `Cookie` header of one request, copied from the developer tools | [`insert_pairs`](CookieJar::insert_pairs) |
//!
//! # A file behind a cipher
//!
//! A [`CookieFormat`](crate::file::CookieFormat) can wrap another one, as its example does: one that seals the text
//! with a cipher must authenticate what it opens, as AES-GCM and ChaCha20-Poly1305 do, and answer
//! [`NotThisFormat`](crate::file::LoadErrorKind::NotThisFormat) if it cannot.

#![expect(unused_imports, reason = "the links of the text")]

use crate::{CookieJar, LwpCookieJar, MozillaCookieJar, Provenance, SharedCookieJar};
