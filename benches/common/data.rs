//! The data of the benches: hosts, URLs and responses, the same in every run.

use url::Url;

/// A generator of numbers (SplitMix64): a seed determines the whole data of a workload.
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is small, so that the bias of the remainder is small, too.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("no more than 64 bits");
        usize::try_from(self.draw() % end).expect("below a usize")
    }

    pub fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// Hexadecimal digits, like a session id.
    pub fn hex(&mut self, len: usize) -> String {
        (0..len)
            .map(|_| char::from(b"0123456789abcdef"[self.below(16)]))
            .collect()
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// A response to a request for `url`.
#[derive(Debug, Clone)]
pub struct Response {
    pub url: Url,
    pub headers: Vec<(&'static str, String)>,
}

impl Response {
    pub fn new(url: &str, fields: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            url: Url::parse(url).expect("a URL"),
            headers: fields
                .into_iter()
                .map(|field| ("Set-Cookie", field.into()))
                .collect(),
        }
    }

    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().map(|(_, field)| field.as_str())
    }

    /// The `Cookie` header if all of these cookies are sent: longest path first.
    pub fn cookie_header(&self) -> String {
        let part = |field: &str, at: usize| field.split("; ").nth(at).expect("a part").to_owned();
        let mut cookies: Vec<_> = self
            .fields()
            .map(|field| (part(field, 1), part(field, 0)))
            .collect();
        cookies.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        let pairs: Vec<_> = cookies.into_iter().map(|(_, pair)| pair).collect();
        pairs.join("; ")
    }
}

/// Five cookies as sites have them, all of which are sent to [`known_url`].
///
/// They belong to the domain above the host, so that a look-up has to go up from `www`; the third one
/// has the longest path, so that it has to be sent first.
pub fn site_response(rng: &mut Rng, site: usize) -> Response {
    let domain = site_domain(site);
    let language = rng.pick(&["en-GB", "de-DE", "fr-FR", "nl", "pt-BR"]);
    let fields = [
        format!(
            "sid={}; Path=/; Domain={domain}; Secure; HttpOnly; SameSite=Lax",
            rng.hex(32)
        ),
        format!(
            "_ga=GA1.2.{}.{}; Path=/; Domain={domain}; Expires={}",
            1_000_000_000 + rng.below(1_000_000_000),
            1_700_000_000 + rng.below(100_000_000),
            some_date(rng)
        ),
        format!(
            "basket={}; Path=/report; Domain={domain}; Max-Age=2592000; SameSite=Lax",
            rng.hex(16)
        ),
        format!(
            "csrftoken={}; Path=/; Domain={domain}; Expires={}; Secure; SameSite=Strict",
            rng.hex(24),
            some_date(rng)
        ),
        format!("lang={language}; Path=/; Domain={domain}; Max-Age=31536000"),
    ];
    Response::new(&format!("https://www.{domain}/report/login"), fields)
}

/// How many cookies [`site_response`] sets.
pub const SITE_COOKIES: usize = 5;

/// The responses of `count` sites.
pub fn site_responses(sites: usize) -> Vec<Response> {
    let mut rng = Rng::new(3);
    (0..sites)
        .map(|site| site_response(&mut rng, site))
        .collect()
}

/// A URL to which all cookies of a site are sent.
pub fn known_url(site: usize) -> Url {
    url(&format!("https://www.{}/report/orders", site_domain(site)))
}

/// A URL of the same kind to which no cookies are sent.
pub fn unknown_url(site: usize) -> Url {
    url(&format!(
        "https://www.un{}/report/orders",
        site_domain(site)
    ))
}

pub fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

/// A registrable domain for each number, of the usual lengths and under several suffixes.
fn site_domain(site: usize) -> String {
    const WORDS: [&str; 8] = [
        "shop", "news", "cloud", "mail", "travel", "games", "photo", "market",
    ];
    const SUFFIXES: [&str; 8] = ["com", "com", "com", "org", "net", "de", "co.uk", "io"];
    // Neighbors in number have nothing else in common.
    let hash = Rng::new(u64::try_from(site).expect("no more than 64 bits")).draw();
    let index = |shift: u32| usize::try_from(hash >> shift & 7).expect("three bits");
    format!("{}{site}.{}", WORDS[index(0)], SUFFIXES[index(8)])
}

/// A date in the year 2040, which no clock has reached, in the form that servers use (RFC 9110,
/// section 5.6.7).
pub fn some_date(rng: &mut Rng) -> String {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    // July 2040 starts on a Sunday.
    let day = rng.below(31);
    let (hour, minute, second) = (rng.below(24), rng.below(60), rng.below(60));
    format!(
        "{}, {:02} Jul 2040 {hour:02}:{minute:02}:{second:02} GMT",
        DAYS[day % 7],
        day + 1
    )
}
