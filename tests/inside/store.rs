//! The derived data of the store, against a full scan. Its contents are compared with a plain list of
//! cookies through the jar: `tests/model`.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicU64;

use super::reversed::ReversedKeys;
use super::*;
use crate::public_suffix::PublicSuffixes;
use crate::settings::{Limits, Which};

const START: i64 = 1_700_000_000;

/// xorshift64: data from a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let index = self.below(from.len() as u64);
        from[usize::try_from(index).expect("a small number")]
    }
}

const DOMAINS: [&str; 16] = [
    "acme.com",
    ".acme.com",
    "www.acme.com",
    ".www.acme.com",
    "other.org",
    "localhost",
    // From here on the store has more than a few.
    "a.acme.com",
    "b.acme.com",
    "c.acme.com",
    "a.other.org",
    "b.other.org",
    "c.other.org",
    "d.other.org",
    "e.other.org",
    "f.other.org",
    "g.other.org",
];
/// They belong to a few bare domains.
const A_FEW: usize = 6;
const PATHS: [&str; 4] = ["/", "/a", "/b", "/a/b"];

fn cookie(random: &mut Random, domains: &[&str], names: u64, now: i64) -> Cookie {
    let name = format!("n{}", random.below(names));
    let value = format!("v{}", random.below(1_000_000));
    let builder = Cookie::builder(&name, &value)
        .domain(random.pick(domains))
        .path(random.pick(&PATHS));
    let expires =
        crate::clock::date_time(now + i64::try_from(random.below(400)).expect("small") - 20);
    match random.below(3) {
        0 => builder.build(),
        _ => builder
            .secure(random.below(2) == 0)
            .expires(expires)
            .build(),
    }
    .expect("a cookie")
}

/// The value that terms without limits borrow.
#[derive(Default)]
struct Kept {
    suffixes: PublicSuffixes,
    numbers: AtomicU64,
}

impl Kept {
    fn terms(&self, now: i64) -> Terms<'_> {
        Terms {
            now,
            suffixes: &self.suffixes,
            limits: Limits::none(),
            ranked: None,
            numbers: &self.numbers,
            displaced: None,
            shares_numbers: false,
        }
    }
}

/// All derived data of the store equals the result of a full scan.
#[track_caller]
fn assert_whole(store: &Store) {
    assert_eq!(store.len(), store.buckets().map(Bucket::len).sum::<usize>());
    let due = store
        .buckets()
        .filter(|bucket| bucket.due() != NEVER)
        .count();
    assert!(store.domains() <= FEW || store.indexes.is_some());
    if let Some(indexes) = &store.indexes {
        let expiries = indexes.expiries.settled();
        assert_eq!(expiries.len(), due);
        let sites: BTreeSet<_> = store.buckets().map(Bucket::site).collect();
        assert_eq!(indexes.sites.len(), sites.len(), "an empty site stayed");
        for site in sites {
            let of_site = store.buckets().filter(|bucket| bucket.site() == site);
            let keys: BTreeSet<_> = of_site.map(Bucket::key).collect();
            let noted = indexes.sites.buckets(site).map(|key| &**key);
            assert_eq!(noted.collect::<BTreeSet<_>>(), keys);
        }
        for bucket in store.buckets().filter(|bucket| bucket.due() != NEVER) {
            let place = (bucket.due(), bucket.shared_key());
            assert!(expiries.contains(&place), "not in its place");
        }
    }
    for bucket in store.buckets() {
        assert!(!bucket.is_empty(), "an empty bucket stayed");
        assert!(bucket.due() <= bucket.earliest_expiry());
        let keys: Vec<_> = bucket.cookies().map(Cookie::sending_key).collect();
        assert!(keys.is_sorted(), "not in sending order");
        let of_site = store
            .buckets()
            .filter(|other| other.site() == bucket.site());
        assert_eq!(
            store.site_len(bucket.site()),
            of_site.map(Bucket::len).sum::<usize>()
        );
    }
}

fn run(seed: u64, domains: &[&str], names: u64, steps: u32) {
    let mut random = Random(seed);
    let mut store = Store::default();
    let kept = Kept::default();
    let mut now = START;
    for step in 0..steps {
        match random.below(20) {
            0 => now += i64::try_from(random.below(30)).expect("small"),
            1 => {
                let gone = cookie(&mut random, domains, names, now);
                store.take(&gone.id());
            }
            2 if random.below(40) == 0 => {
                let domain = domain::undotted(random.pick(domains));
                store.retain_in(domain, Cookie::secure, ChangeCause::Cleared, &mut ());
            }
            3 if random.below(40) == 0 => {
                store.remove_expired(now, &mut ());
                let mut cookies = store.buckets().flat_map(Bucket::cookies);
                assert!(!cookies.any(|cookie| cookie.is_expired_at(now)));
            }
            _ => {
                let new = cookie(&mut random, domains, names, now);
                store.set(new, &kept.terms(now), &mut ());
            }
        }
        if step % 97 == 0 {
            assert_whole(&store);
        }
    }
}

/// The cookies that a cookie overlays, by a full scan: see `Existing`.
fn overlaid_slowly(store: &Store, new: &Cookie, host: &str, terms: &Terms<'_>) -> Vec<String> {
    let &Terms { now, suffixes, .. } = terms;
    let bare = |cookie: &Cookie| domain::undotted(cookie.domain()).to_owned();
    let all = store.buckets().flat_map(Bucket::cookies);
    let found = all.filter(|stored| {
        new.overlays(stored)
            && !stored.is_expired_at(now)
            && (suffixes.site(&bare(new)) == suffixes.site(&bare(stored))
                || domain::is_within(host, &bare(stored)))
    });
    let mut found: Vec<_> = found.map(|stored| format!("{stored:?}")).collect();
    found.sort();
    found
}

/// Whatever lists were in use when the cookies were stored.
#[test]
fn what_is_overlaid_is_found_by_name() {
    for change_of_list in [u64::MAX, 2, 5] {
        overlaid_is_found(change_of_list);
    }
}

/// Half of the cookies are stored by one list, the others by a list that is chosen anew after `change_of_list` cookies.
fn overlaid_is_found(change_of_list: u64) {
    let mut random = Random(11);
    let list = |rules| PublicSuffixes::parse(rules).expect("a list");
    let lists = ["com", "org\nacme.com", "acme.com\nwww.acme.com"].map(list);
    let mut kept = Kept::default();
    // First no bucket has an index by name, then one of a site has, then one of a site in a partition.
    let kinds = [(3, 300, None), (900, 6_000, None), (900, 6_000, Some("k"))];
    for (names, cookies, partition) in kinds {
        let cookie = |random: &mut Random, now| {
            let mut cookie = cookie(random, &DOMAINS, names, now);
            cookie.set_partition_key(partition).expect("a key");
            cookie
        };
        let mut store = Store::default();
        for step in 0..cookies {
            if step > cookies / 2 && random.below(change_of_list) == 0 {
                kept.suffixes = lists[usize::try_from(random.below(3)).expect("small")].clone();
            }
            let now = START + step / 100;
            let new = cookie(&mut random, now);
            store.set(new, &kept.terms(now), &mut ());
            if step % 9 == 0 {
                let gone = cookie(&mut random, now);
                store.remove(&gone.id(), ChangeCause::Removed, &mut ());
            }
            if step % (cookies / 300) > 0 {
                continue;
            }
            let new = cookie(&mut random, now);
            let host = random.pick(&["acme.com", "a.acme.com", "x.www.acme.com", "localhost"]);
            let terms = kept.terms(now);
            if random.below(2) == 0 {
                store.forget_gone(&new, &terms);
            }
            assert_site_is_found(&store, random.pick(&DOMAINS), &kept.suffixes);
            let found = |which, store: &Store| {
                let mut found = Vec::new();
                store.any_overlaid(&new, host, &terms, which, &mut |stored| {
                    found.push(format!("{stored:?}"));
                    false
                });
                found.sort();
                found
            };
            assert_eq!(
                found(Which::All, &store),
                overlaid_slowly(&store, &new, host, &terms)
            );
            let secure = |which| store.any_overlaid(&new, host, &terms, which, &mut Cookie::secure);
            assert_eq!(secure(Which::Secure), secure(Which::All));
            let namesake = |which| {
                let mut is_such = |stored: &Cookie| new.is_namesake_of(stored);
                store.any_overlaid(&new, host, &terms, which, &mut is_such)
            };
            assert_eq!(namesake(Which::Namesake), namesake(Which::All));
        }
        let indexed = store.secure_names_len();
        assert_eq!(
            indexed > 0,
            cookies == 6_000,
            "{indexed} of {}",
            store.len()
        );
        assert!(indexed <= 2 * store.len() + 2_048);
    }
}

#[track_caller]
fn assert_site_is_found(store: &Store, domain: &str, suffixes: &PublicSuffixes) {
    let site = suffixes.site(domain::undotted(domain));
    let is_of_site = |cookie: &&Cookie| {
        let bare = domain::undotted(cookie.domain());
        suffixes.site(bare) == site && cookie.partition_key().is_none()
    };
    let all = store.in_creation_order().into_iter();
    let slowly: Vec<_> = all.filter(is_of_site).map(Cookie::id).collect();
    let found = store.of_site(site, suffixes).into_iter();
    assert_eq!(found.map(Cookie::id).collect::<Vec<_>>(), slowly, "{site}");
}

/// A jar that has seen two lists finds what is below a domain by name. The first look builds the index.
#[test]
fn a_change_of_the_list_is_paid_once() {
    let (mut kept, mut store) = (Kept::default(), Store::default());
    for domain in DOMAINS {
        let cookie = Cookie::builder("a", "1").domain(domain).build();
        store.set(cookie.expect("a cookie"), &kept.terms(START), &mut ());
    }
    let names = |store: &Store| {
        let indexes = store.indexes.as_deref().expect("many buckets");
        indexes.sites.names().map_or(0, ReversedKeys::len)
    };
    let new = Cookie::builder("a", "1")
        .domain(".acme.com")
        .build()
        .expect("a cookie");
    store.forget_gone(&new, &kept.terms(START));
    assert_eq!(names(&store), 0);
    kept.suffixes = PublicSuffixes::parse("com").expect("a list");
    store.forget_gone(&new, &kept.terms(START));
    assert_eq!(names(&store), store.domains());
    store.retain_in("acme.com", |_| false, ChangeCause::Cleared, &mut ());
    assert_eq!(names(&store), store.domains());
}

/// Compares cookies only in buckets where one was Secure, among a few buckets and among many.
#[test]
fn a_site_without_secure_cookies_is_not_searched_for_them() {
    let kept = Kept::default();
    let terms = kept.terms(START);
    let cookie = |domain: &str, secure| {
        let builder = Cookie::builder("a", "1").domain(domain);
        builder.secure(secure).build().expect("a cookie")
    };
    for others in [1, 20] {
        let mut store = Store::default();
        let compared = |store: &Store| {
            let mut compared = 0;
            let new = cookie(".acme.com", false);
            let found =
                store.any_overlaid(&new, "acme.com", &terms, Which::Secure, &mut |stored| {
                    compared += 1;
                    stored.secure()
                });
            (found, compared)
        };
        store.set(cookie("acme.com", false), &terms, &mut ());
        store.set(cookie(".www.acme.com", false), &terms, &mut ());
        for other in 0..others {
            let other = cookie(&format!("{other}.org"), false);
            store.set(other, &terms, &mut ());
        }
        assert_eq!(compared(&store), (false, 0));
        store.set(cookie("0.org", true), &terms, &mut ());
        assert_eq!(compared(&store), (false, 0));
        store.set(cookie(".www.acme.com", true), &terms, &mut ());
        assert_eq!(compared(&store), (true, 1));
        store.set(cookie(".www.acme.com", false), &terms, &mut ());
        assert!(!compared(&store).0);
    }
}

#[test]
fn few_cookies_a_domain() {
    for seed in 1..40 {
        run(seed, &DOMAINS[..A_FEW], 12, 2_000);
    }
}

#[test]
fn domains_that_are_now_few_now_many() {
    for seed in 1..40 {
        run(seed, &DOMAINS, 1, 4_000);
    }
}

#[test]
fn many_cookies_a_domain() {
    for seed in 1..4 {
        run(seed, &DOMAINS[..A_FEW], 2_000, 20_000);
    }
}

/// Each write sweeps a bounded number of cookies of a domain that has very many.
#[test]
fn a_write_sweeps_few_cookies_of_many() {
    let (mut store, kept) = (Store::default(), Kept::default());
    for index in 0..1_000 {
        let name = format!("n{index}");
        let builder = Cookie::builder(&name, "1").domain("acme.com");
        let expires = crate::clock::date_time(START + 60);
        let cookie = builder.expires(expires).build().expect("a cookie");
        store.set(cookie, &kept.terms(START), &mut ());
    }
    for left in [873, 745, 617] {
        let cookie = Cookie::builder("a", "1").domain("other.org").build();
        store.set(cookie.expect("a cookie"), &kept.terms(START + 60), &mut ());
        assert_eq!(store.len(), left, "two sweeps of 64, and the new cookie");
    }
}

#[test]
fn memory_comes_back() {
    let mut random = Random(7);
    let (mut store, kept) = (Store::default(), Kept::default());
    for index in 0..20_000 {
        let domain = format!("host{index}.example");
        let expires = crate::clock::date_time(START + 60);
        let cookie = Cookie::builder("a", "b")
            .domain(&domain)
            .expires(expires)
            .build();
        let cookie = cookie.expect("a cookie");
        store.set(cookie, &kept.terms(START), &mut ());
    }
    assert_eq!(store.domains(), 20_000);
    // Writes alone sweep the cookies, a few buckets each.
    for _ in 0..20_000 {
        let cookie = cookie(&mut random, &DOMAINS[..A_FEW], 5, START + 100);
        store.set(cookie, &kept.terms(START + 100), &mut ());
    }
    assert!(
        store.domains() <= 4 && store.buckets.capacity() < 64,
        "{}",
        store.buckets.capacity()
    );
}
