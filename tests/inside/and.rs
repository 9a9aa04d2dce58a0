use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::policy::{
    AcceptAllPolicy, DefaultCookiePolicy, Dialect, Limits, PolicyExt, Protocols, set_ok_fn,
};
use crate::public_suffix::PublicSuffixes;

const NO: Rejection = Rejection::Custom(&"no");

/// Answers no to one question, and marks the cookies that it prepares.
struct Refuses {
    question: &'static str,
    mark: &'static str,
    settings: Settings,
}

impl Refuses {
    fn at(question: &'static str, mark: &'static str) -> Self {
        Self {
            question,
            mark,
            settings: Settings::new(),
        }
    }

    fn answer(&self, question: &str) -> Result<(), Rejection> {
        if self.question == question {
            Err(NO)
        } else {
            Ok(())
        }
    }
}

impl CookiePolicy for Refuses {
    fn set_ok(&self, _: &Cookie, _: &RequestContext<'_>) -> Result<(), Rejection> {
        self.answer("set_ok")
    }

    fn return_ok(&self, _: &Cookie, _: &RequestContext<'_>) -> Result<(), Rejection> {
        self.answer("return_ok")
    }

    fn domain_return_ok(&self, _: &str, _: &RequestContext<'_>) -> Result<(), Rejection> {
        self.answer("domain_return_ok")
    }

    fn path_return_ok(&self, _: &str, _: &RequestContext<'_>) -> Result<(), Rejection> {
        self.answer("path_return_ok")
    }

    fn prepare(&self, cookie: &mut Cookie, _: &RequestContext<'_>) {
        let marked = [cookie.value().unwrap_or_default(), self.mark].concat();
        cookie.set_value(&marked).expect("a value");
    }

    fn replace_ok(
        &self,
        _: &Cookie,
        _: Existing<'_>,
        _: &RequestContext<'_>,
    ) -> Result<(), Rejection> {
        self.answer("replace_ok")
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }
}

fn cookie() -> Cookie {
    Cookie::builder("a", "b")
        .domain("acme.com")
        .build()
        .expect("a cookie")
}

fn request() -> RequestContext<'static> {
    RequestContext::new("http", "acme.com", None, "/")
}

/// The five questions with their answers by `policy`.
fn answers(policy: &impl CookiePolicy) -> [(&'static str, Result<(), Rejection>); 5] {
    let (cookie, request) = (cookie(), request());
    let replace_ok = policy.replace_ok(&cookie, Existing::default(), &request);
    [
        ("set_ok", policy.set_ok(&cookie, &request)),
        ("return_ok", policy.return_ok(&cookie, &request)),
        (
            "domain_return_ok",
            policy.domain_return_ok("acme.com", &request),
        ),
        ("path_return_ok", policy.path_return_ok("/", &request)),
        ("replace_ok", replace_ok),
    ]
}

#[test]
fn every_question_is_asked_of_both() {
    for rejected in [
        "set_ok",
        "return_ok",
        "domain_return_ok",
        "path_return_ok",
        "replace_ok",
        "",
    ] {
        let first = Refuses::at(rejected, "1").and(Refuses::at("", "2"));
        let second = Refuses::at("", "1").and(Refuses::at(rejected, "2"));
        for both in [first, second] {
            for (question, answer) in answers(&both) {
                let expected = if question == rejected {
                    Err(NO)
                } else {
                    Ok(())
                };
                assert_eq!(answer, expected, "{question} where {rejected} is rejected");
            }
        }
    }
}

#[test]
fn both_prepare_the_first_first() {
    let mut prepared = cookie();
    let both = Refuses::at("", "1").and(Refuses::at("", "2"));
    both.prepare(&mut prepared, &request());
    assert_eq!(prepared.value(), Some("b12"));
}

#[test]
fn the_second_is_asked_only_if_the_first_agrees() {
    let asked = AtomicUsize::new(0);
    let counting = set_ok_fn(|_: &Cookie, _: &RequestContext<'_>| {
        asked.fetch_add(1, Ordering::Relaxed);
        Ok(())
    });
    let rejecting = set_ok_fn(|_: &Cookie, _: &RequestContext<'_>| Err(NO));
    assert_eq!(
        rejecting.and(&counting).set_ok(&cookie(), &request()),
        Err(NO)
    );
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    assert_eq!(
        AcceptAllPolicy::new()
            .and(&counting)
            .set_ok(&cookie(), &request()),
        Ok(())
    );
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

/// A policy that has no requirements for its cookies, with these settings.
fn with(settings: Settings) -> Refuses {
    Refuses {
        settings,
        ..Refuses::at("", "")
    }
}

#[test]
fn settings_become_narrower() {
    let suffixes = PublicSuffixes::parse("com").expect("a list");
    let default = DefaultCookiePolicy::with_suffixes(suffixes).rfc2965(true);
    let tight = Settings::new().limits(Limits {
        header_bytes: 10,
        ..Limits::none()
    });
    let both = default.and(with(tight));
    let settings = both.settings();
    assert_eq!(
        settings.protocols,
        Protocols {
            rfc2965: true,
            ..Protocols::new()
        }
    );
    assert_eq!(settings.domain_scope, DomainScope::HostSuffixes);
    assert_eq!(
        settings.limits,
        Limits {
            header_bytes: 10,
            ..Limits::new()
        }
    );
    assert!(!settings.suffixes.is_none());
}

#[test]
fn the_second_has_its_say_in_the_settings() {
    let first = || Settings::new().limits(Limits::new());
    let suffixes = PublicSuffixes::parse("com").expect("a list");
    let second = Settings::new()
        .domain_scope(DomainScope::HostSuffixes)
        .dialect(Dialect::Rfc6265bis)
        .protocols(Protocols {
            rfc2965: true,
            ..Protocols::new()
        })
        .suffixes(suffixes);
    let both = with(first()).and(with(second));
    let settings = both.settings();
    assert_eq!(settings.domain_scope, DomainScope::HostSuffixes);
    assert!(settings.suffixes.is_public_suffix("com"));
    assert_eq!(settings.protocols, Protocols::new(), "those of the first");
    assert_eq!(settings.dialect, Dialect::Python, "that of the first");
    assert_eq!(settings.limits, Limits::new());
    let neither = with(first()).and(with(Settings::new()));
    assert_eq!(neither.settings().domain_scope, DomainScope::All);
    assert!(neither.settings().suffixes.is_none());
}

#[test]
fn a_change_of_either_merges_the_settings_anew() {
    let mut both = with(Settings::new()).and(with(Settings::new()));
    let told = both.modify(|first, second| {
        first.settings.protocols.rfc2965 = true;
        second.settings.limits.header_cookies = 3;
        second.question = "set_ok";
        "done"
    });
    assert_eq!(told, "done");
    assert!(both.settings().protocols.rfc2965);
    assert_eq!(both.settings().limits.header_cookies, 3);
    assert_eq!(both.set_ok(&cookie(), &request()), Err(NO));
}
