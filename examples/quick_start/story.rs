//! The story: what the client does, and what must happen.

use cookiejar::jar::ChangeCause;
use cookiejar::{CookieJar, Rejection};
use time::OffsetDateTime;
use time::macros::datetime;

use ChangeCause::{Removed, Replaced, Stored};
use Rejection::{DomainMismatch, Expired, InsecureRequest, PathMismatch, PublicSuffix};

pub(crate) const BEGIN: OffsetDateTime = datetime!(2026-11-21 08:00 UTC);

/// The time that the shop writes in five forms.
const EXPIRES: OffsetDateTime = datetime!(2031-11-09 09:12:40 UTC);

/// The number of cookies that have an expiry date and are saved; the others end with their session.
pub(crate) const SAVED: usize = 5;

pub(crate) struct Step {
    pub(crate) heading: &'static str,
    pub(crate) minutes_later: i64,
    pub(crate) method: &'static str,
    pub(crate) url: &'static str,
    /// What must happen at each hop.
    pub(crate) hops: &'static [Hop],
}

pub(crate) struct Hop {
    /// The cookies that the server must receive; empty for none.
    pub(crate) seen: &'static str,
    pub(crate) withheld: &'static [(&'static str, Rejection)],
    pub(crate) status: u16,
    /// What must happen to each cookie that the server sets.
    pub(crate) set: &'static [(&'static str, Result<ChangeCause, Rejection>)],
}

pub(crate) const STEPS: &[Step] = &[
    Step {
        heading: "A first visit: dates in five forms, and two cookies that the shop may not set",
        minutes_later: 0,
        method: "GET",
        url: "http://shop.example.com/",
        hops: &[Hop {
            seen: "",
            withheld: &[],
            status: 200,
            set: &[
                ("lang", Ok(Stored)),
                ("theme", Ok(Stored)),
                ("visits", Ok(Stored)),
                ("tour", Ok(Stored)),
                ("news", Ok(Stored)),
                ("everyone", Err(PublicSuffix)),
                ("spy", Err(DomainMismatch)),
            ],
        }],
    },
    Step {
        heading: "Logging in: the cookies come with the redirect",
        minutes_later: 1,
        method: "POST",
        url: "http://shop.example.com/login",
        hops: &[
            Hop {
                seen: "lang=en; theme=dark; visits=1; tour=seen; news=weekly",
                withheld: &[],
                status: 303,
                set: &[
                    ("sid", Ok(Stored)),
                    ("csrf", Ok(Stored)),
                    ("hint", Ok(Stored)),
                    ("card", Ok(Stored)),
                ],
            },
            Hop {
                seen: "csrf=c5f1; lang=en; theme=dark; visits=1; tour=seen; news=weekly; sid=5e55; hint=hello",
                withheld: &[("card", InsecureRequest)],
                status: 200,
                set: &[],
            },
        ],
    },
    Step {
        heading: "Filling the cart: another path",
        minutes_later: 1,
        method: "GET",
        url: "http://shop.example.com/cart/add?item=7",
        hops: &[Hop {
            seen: "lang=en; theme=dark; visits=1; tour=seen; news=weekly; sid=5e55; hint=hello",
            withheld: &[("csrf", PathMismatch), ("card", InsecureRequest)],
            status: 200,
            set: &[("items", Ok(Stored))],
        }],
    },
    Step {
        heading: "Paying at another host: it gets the Domain cookie and no other",
        minutes_later: 1,
        method: "GET",
        url: "http://pay.example.com/checkout",
        hops: &[Hop {
            seen: "sid=5e55",
            withheld: &[],
            status: 200,
            set: &[("receipt", Ok(Stored))],
        }],
    },
    Step {
        heading: "Six minutes later: the cookie with five minutes to live has expired",
        minutes_later: 6,
        method: "GET",
        url: "http://shop.example.com/report",
        hops: &[Hop {
            seen: "csrf=c5f1; lang=en; theme=dark; visits=1; tour=seen; news=weekly; sid=5e55",
            withheld: &[
                ("items", PathMismatch),
                ("hint", Expired),
                ("card", InsecureRequest),
            ],
            status: 200,
            set: &[],
        }],
    },
    Step {
        heading: "Logging out: two cookies are deleted, one is replaced",
        minutes_later: 1,
        method: "POST",
        url: "http://shop.example.com/logout",
        hops: &[
            Hop {
                seen: "lang=en; theme=dark; visits=1; tour=seen; news=weekly; sid=5e55",
                withheld: &[
                    ("csrf", PathMismatch),
                    ("items", PathMismatch),
                    ("hint", Expired),
                    ("card", InsecureRequest),
                ],
                status: 303,
                set: &[("sid", Ok(Removed)), ("csrf", Ok(Removed))],
            },
            Hop {
                seen: "lang=en; theme=dark; visits=1; tour=seen; news=weekly",
                withheld: &[("items", PathMismatch), ("card", InsecureRequest)],
                status: 200,
                set: &[("visits", Ok(Replaced))],
            },
        ],
    },
    Step {
        heading: "Asking for the report again: without a session the shop sends the guest home",
        minutes_later: 1,
        method: "GET",
        url: "http://shop.example.com/report",
        hops: &[
            Hop {
                seen: "lang=en; theme=dark; visits=2; tour=seen; news=weekly",
                withheld: &[("items", PathMismatch), ("card", InsecureRequest)],
                status: 303,
                set: &[],
            },
            Hop {
                seen: "lang=en; theme=dark; visits=2; tour=seen; news=weekly",
                withheld: &[("items", PathMismatch), ("card", InsecureRequest)],
                status: 200,
                set: &[("visits", Ok(Replaced))],
            },
        ],
    },
    Step {
        heading: "Opening a wallet on this machine: loopback counts as secure, so a Secure cookie needs no TLS",
        minutes_later: 1,
        method: "GET",
        url: "http://wallet.localhost/wallet/open",
        hops: &[
            Hop {
                seen: "",
                withheld: &[],
                status: 303,
                set: &[("key", Ok(Stored))],
            },
            Hop {
                seen: "key=9d1e",
                withheld: &[],
                status: 200,
                set: &[],
            },
        ],
    },
];

/// All five forms of a date must have been read as the same time.
pub(crate) fn dates_fault(jar: &CookieJar) -> Option<String> {
    let names = ["lang", "theme", "visits", "tour", "news"];
    let misread = names.into_iter().find(|name| {
        let cookie = jar.get(("shop.example.com", "/", name));
        cookie.is_none_or(|cookie| cookie.expires() != Some(EXPIRES))
    })?;
    Some(format!("{misread} must live until {EXPIRES}"))
}
