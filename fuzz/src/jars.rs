//! A program of calls over both jars, whose changes make copies of them.

use std::sync::{Arc, Mutex};

use cookiejar::headers::Merge;
use cookiejar::jar::{CookieChange, ImportOptions, ManualClock};
use cookiejar::{Cookie, CookieId, CookieJar, Provenance, RequestContext, SharedCookieJar};
use time::Duration;

use super::bytes::Bytes;
use super::checks::{check_cookie, check_limits, check_request};
use super::world::{self, HOSTS, NOW, PATHS, PlainJar, Rules, at, rules};

const NAMES: [&str; 5] = ["a", "b", "__Host-c", "$d", ""];
const PARTITIONS: [&str; 2] = ["https://shop.example", "https://news.example"];
const STEPS: usize = 40;

/// The first two octets choose the policy, and whether expired cookies stay until a call sweeps them; the others are
/// calls. Expired cookies of other sites are swept by shards, so in that case only what is alive is compared.
pub fn jars(data: &[u8]) {
    let mut input = Bytes::new(data);
    let rules = rules(input.below(256));
    let limits = rules.limits();
    let sweeps = limits.site_cookies < 100 || input.flag();
    let mut jars = Jars::new(rules, sweeps);
    for step in 0..STEPS {
        if input.is_empty() {
            break;
        }
        jars.call(&mut input);
        jars.copy_changes();
        if step % 16 == 15 {
            jars.compare();
        }
    }
    jars.compare();
    let cookies: Vec<_> = jars.plain.iter().cloned().collect();
    cookies.iter().for_each(check_cookie);
}

struct Jars {
    rules: &'static Rules,
    sweeps: bool,
    plain: PlainJar,
    shared: SharedCookieJar,
    clock: ManualClock,
    now: i64,
    values: u32,
    /// Copies that know only the reported changes.
    copies: [PlainJar; 2],
    told: [Arc<Mutex<Vec<CookieChange<'static>>>>; 2],
}

/// Makes a call on both jars; the answers must be equal, unless expired cookies are left in the jars.
macro_rules! both {
    ($jars:ident, |$jar:ident| $call:expr) => {{
        let plain = {
            #[allow(unused_mut, reason = "calls of the shared jar need no mutable one")]
            let mut $jar = &mut $jars.plain;
            $call
        };
        let shared = {
            let $jar = &$jars.shared;
            $call
        };
        if $jars.sweeps {
            assert_eq!(plain, shared);
        }
    }};
}

impl Jars {
    fn new(rules: &'static Rules, sweeps: bool) -> Self {
        let (mut plain, shared, clock) = world::jars(&rules.policy);
        let told: [Arc<Mutex<Vec<_>>>; 2] = Default::default();
        let sink = |index: usize| {
            let told = Arc::clone(&told[index]);
            Arc::new(move |change: &CookieChange<'_>| {
                told.lock()
                    .expect("no panic")
                    .push(change.clone().into_owned());
            })
        };
        plain.add_change_sink(sink(0));
        shared.add_change_sink(sink(1));
        let copy = || CookieJar::with_policy(Arc::clone(&rules.policy));
        Self {
            copies: [copy(), copy()],
            now: NOW,
            values: 0,
            told,
            rules,
            sweeps,
            plain,
            shared,
            clock,
        }
    }

    fn call(&mut self, input: &mut Bytes<'_>) {
        match input.below(24) {
            0 => self.advance(input),
            1..=8 => self.clear(input),
            9 => self.remove(input),
            10 => self.retain(input),
            11 | 12 => self.set(input),
            13 => self.text(input),
            14 => self.import(input),
            15 => self.drain(),
            16 => self.merge(input),
            17 | 18 => self.look(input),
            _ => self.extract(input),
        }
    }

    fn advance(&mut self, input: &mut Bytes<'_>) {
        let seconds = i64::from(input.byte());
        self.clock.advance(Duration::seconds(seconds));
        self.now += seconds;
        if self.sweeps {
            both!(self, |jar| jar.clear_expired_cookies());
        }
    }

    fn clear(&mut self, input: &mut Bytes<'_>) {
        let (domain, path) = (domain(input), input.pick(&PATHS));
        match input.below(8) {
            0 => both!(self, |jar| jar.clear()),
            1 => both!(self, |jar| jar.clear_session_cookies()),
            2 => both!(self, |jar| jar.clear_domain(&domain)),
            3 => both!(self, |jar| jar.clear_path(&domain, path)),
            4 => both!(self, |jar| jar.clear_host(&domain)),
            5 => both!(self, |jar| jar.clear_site(&domain)),
            6 => both!(self, |jar| jar.clear_in(PARTITIONS[0])),
            _ => both!(self, |jar| jar.clear_expired_cookies()),
        }
    }

    fn remove(&mut self, input: &mut Bytes<'_>) {
        let domain = domain(input);
        let (path, name) = (input.pick(&PATHS), input.pick(&NAMES));
        let id = CookieId::new(&domain, path, name);
        let id = match partition(input) {
            Some(key) => id.in_partition(key),
            None => id,
        };
        let request = self.request(input);
        both!(self, |jar| jar.get(&id).is_some());
        both!(self, |jar| jar.remove(&id));
        both!(self, |jar| jar.remove_for(&request, name));
    }

    fn retain(&mut self, input: &mut Bytes<'_>) {
        let (name, domain) = (input.pick(&NAMES), domain(input));
        let keeps = |cookie: &Cookie| cookie.name() != name || cookie.domain() != domain;
        both!(self, |jar| jar.retain(keeps));
    }

    fn set(&mut self, input: &mut Bytes<'_>) {
        let asks = input.flag();
        let request = self.request(input);
        let Some(cookie) = self.cookie(input) else {
            return;
        };
        if asks {
            both!(self, |jar| jar.set_cookie_if_ok(cookie.clone(), &request));
        } else {
            // This door has no limits.
            let whole = self.rules.limits().site_cookies > 100;
            if whole {
                both!(self, |jar| jar.set_cookie(cookie.clone()));
            }
        }
    }

    fn text(&mut self, input: &mut Bytes<'_>) {
        let request = self.request(input);
        let (pairs, text) = (input.flag(), input.text());
        if pairs {
            both!(self, |jar| jar.insert_pairs(text, &request));
        } else {
            both!(self, |jar| jar.set_cookie_str(text, &request));
        }
    }

    fn import(&mut self, input: &mut Bytes<'_>) {
        let options = ImportOptions::new()
            .keep_present(input.flag())
            .ask_policy(input.flag())
            .limited(true);
        let count = input.below(6);
        let cookies: Vec<_> = (0..count).filter_map(|_| self.cookie(input)).collect();
        // An expired cookie may be imported, and stays until a call sweeps it.
        let alive = |cookie: &Cookie| !self.sweeps || !cookie.is_expired(at(self.now));
        let cookies: Vec<_> = cookies.into_iter().filter(alive).collect();
        both!(self, |jar| jar.import(cookies.clone(), &options));
    }

    fn drain(&mut self) {
        both!(self, |jar| list(jar.drain()));
        assert!(self.plain.is_empty() && self.shared.is_empty());
    }

    fn merge(&mut self, input: &mut Bytes<'_>) {
        let request = self.request(input);
        let merge = input.pick(&[Merge::Append, Merge::Keep, Merge::Replace]);
        let headers = vec![("Cookie".to_owned(), input.text().to_vec())];
        let (mut plain, mut shared) = (headers.clone(), headers);
        self.plain.merge_cookie_header(&mut plain, &request, merge);
        self.shared
            .merge_cookie_header(&mut shared, &request, merge);
        assert_eq!(plain, shared);
    }

    fn look(&mut self, input: &mut Bytes<'_>) {
        let request = self.request(input);
        check_request(&self.plain, &self.shared, self.rules, &request);
    }

    fn extract(&mut self, input: &mut Bytes<'_>) {
        let request = self.request(input);
        let count = 1 + input.below(4);
        let fields: Vec<_> = (0..count).map(|_| self.field(input)).collect();
        let fields: Vec<_> = fields
            .iter()
            .map(|field| ("Set-Cookie", &**field))
            .collect();
        both!(self, |jar| jar.extract_cookies(&fields, &request));
    }
}

/// What the calls are made with.
impl Jars {
    fn request(&self, input: &mut Bytes<'_>) -> RequestContext<'static> {
        let scheme = input.pick(&["https", "http"]);
        let (host, path) = (input.pick(&HOSTS), input.pick(&PATHS));
        let mut provenance = Provenance::new().at(at(self.now));
        if let Some(key) = partition(input) {
            provenance = provenance.partition_key(key);
        }
        RequestContext::new(scheme, host, None, path).caused_by(provenance)
    }

    /// Each value is another one, so that no two cookies are mistaken for each other.
    fn value(&mut self) -> String {
        self.values += 1;
        self.values.to_string()
    }

    fn cookie(&mut self, input: &mut Bytes<'_>) -> Option<Cookie> {
        let (name, value, domain) = (input.pick(&NAMES), self.value(), domain(input));
        let mut builder = Cookie::builder(name, &value)
            .domain(&domain)
            .path(input.pick(&PATHS))
            .secure(input.flag());
        let expires = at(self.now + i64::from(input.byte()) - 20);
        if input.flag() {
            builder = builder.expires(expires);
        }
        if let Some(key) = partition(input) {
            builder = builder.partition_key(key);
        }
        builder.build().ok()
    }

    fn field(&mut self, input: &mut Bytes<'_>) -> String {
        let (name, choice) = (input.pick(&NAMES), input.byte());
        let mut field = format!("{name}={}", self.value());
        let mut add = |key: &str, value: &str| field.extend(["; ", key, value]);
        if choice & 1 != 0 {
            add("Domain=", &domain(input));
        }
        if choice & 2 != 0 {
            add("Path=", input.pick(&PATHS));
        }
        if choice & 4 != 0 {
            add("Max-Age=", &(i64::from(input.byte()) - 10).to_string());
        }
        if choice & 8 != 0 {
            add("Secure", "");
        }
        if choice & 16 != 0 {
            add("Partitioned; HttpOnly; SameSite=Lax", "");
        }
        if choice & 32 != 0 {
            add("Version=1", "");
        }
        field
    }
}

fn list(cookies: impl IntoIterator<Item = Cookie>) -> Vec<Cookie> {
    cookies.into_iter().collect()
}

fn domain(input: &mut Bytes<'_>) -> String {
    let dot = if input.flag() { "." } else { "" };
    format!("{dot}{}", input.pick(&HOSTS))
}

fn partition(input: &mut Bytes<'_>) -> Option<&'static str> {
    PARTITIONS.get(input.below(4)).copied()
}

impl Jars {
    /// Applies the changes that were told to the copies.
    fn copy_changes(&mut self) {
        for (told, copy) in self.told.iter().zip(&mut self.copies) {
            for change in told.lock().expect("no panic").drain(..) {
                copy.apply(&change);
            }
        }
    }

    fn compare(&self) {
        let alive = |cookie: &Cookie| self.sweeps || !cookie.is_expired(at(self.now));
        let plain: Vec<_> = self.plain.iter().cloned().collect();
        let shared = self.shared.snapshot();
        assert!(
            self.copies[0].iter().eq(&plain),
            "the copy of the plain jar"
        );
        assert!(
            self.copies[1].iter().eq(&shared),
            "the copy of the shared jar"
        );
        assert_eq!(
            (plain.len(), shared.len()),
            (self.plain.len(), self.shared.len())
        );
        let living =
            |cookies: Vec<Cookie>| -> Vec<_> { cookies.into_iter().filter(alive).collect() };
        let (plain, shared) = (living(plain), living(shared));
        assert_eq!(plain, shared);
        check_limits(&plain, self.rules);
        let mut ids: Vec<_> = plain.iter().map(Cookie::id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), plain.len(), "a cookie is there twice");
    }
}
