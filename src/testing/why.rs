//! Reasons why a cookie is missing, for the messages of assertions.

use std::fmt::Write as _;

use url::Url;

use super::{RejectedCookie, TestJar};
use crate::cookie::Cookie;
use crate::rejection::Rejection;

/// The ends of messages.
impl TestJar {
    pub(super) fn rejections(&self, name: &str) -> impl Iterator<Item = &RejectedCookie> {
        let named = move |rejection: &&RejectedCookie| rejection.rejected.name() == name;
        self.rejections.iter().filter(named)
    }

    pub(super) fn rejected(&self, name: &str) -> String {
        let mut lines = String::new();
        for RejectedCookie {
            url,
            rejected,
            removal,
        } in self.rejections(name)
        {
            let what = if *removal { "a removal" } else { "one" };
            let reason = rejected.reason;
            let _ = write!(
                lines,
                "\n  {what} in the response of {url} was rejected: {reason}"
            );
        }
        lines
    }

    pub(super) fn verdicts(&self, name: &str, url: &Url) -> Vec<(&Cookie, Result<(), Rejection>)> {
        let explained = self.jar.explain(url).into_iter();
        explained
            .filter(|explanation| explanation.cookie.name() == name)
            .map(|explanation| (explanation.cookie, explanation.verdict))
            .collect()
    }

    pub(super) fn why_not(&self, name: &str, url: &Url) -> String {
        let mut why = String::new();
        let verdicts = self.verdicts(name, url);
        for (cookie, verdict) in &verdicts {
            if let Err(reason) = verdict {
                let _ = write!(why, "\n  {cookie} is withheld: {reason}");
            }
        }
        let named = self.jar.iter().filter(|cookie| cookie.name() == name);
        for cookie in named.filter(|cookie| !verdicts.iter().any(|(known, _)| known == cookie)) {
            let _ = write!(why, "\n  {cookie} is of another host");
        }
        why.push_str(&self.rejected(name));
        if why.is_empty() {
            why.push_str("\n  no response has set it");
        }
        why + &self.contents()
    }

    pub(super) fn contents(&self) -> String {
        if self.jar.is_empty() {
            return "\n  the jar is empty".to_owned();
        }
        let mut contents = "\n  the jar holds".to_owned();
        for cookie in &self.jar {
            let _ = write!(contents, "\n    {cookie}");
        }
        contents
    }
}
