//! Why a cookie is not there, for the messages of assertions.

use std::fmt::Write as _;

use url::Url;

use super::{Refusal, TestJar};
use crate::cookie::Cookie;
use crate::rejection::Rejection;

/// Texts for the ends of messages.
impl TestJar {
    /// The refused cookies of a name.
    pub(super) fn refusals(&self, name: &str) -> impl Iterator<Item = &Refusal> {
        let named = move |refusal: &&Refusal| refusal.refused.name() == name;
        self.refusals.iter().filter(named)
    }

    /// Where each of them came from, and why it was refused, for the end of a message.
    pub(super) fn refused(&self, name: &str) -> String {
        let mut lines = String::new();
        for Refusal {
            url,
            refused,
            removal,
        } in self.refusals(name)
        {
            let what = if *removal { "a removal" } else { "one" };
            let reason = refused.reason;
            let _ = write!(
                lines,
                "\n  {what} in the response of {url} was refused: {reason}"
            );
        }
        lines
    }

    /// The verdict on each cookie of a name that is in reach of a request.
    pub(super) fn verdicts(&self, name: &str, url: &Url) -> Vec<(&Cookie, Result<(), Rejection>)> {
        let explained = self.jar.explain(url).into_iter();
        explained
            .filter(|explanation| explanation.cookie.name() == name)
            .map(|explanation| (explanation.cookie, explanation.verdict))
            .collect()
    }

    /// All that can be said of why a cookie is not sent.
    pub(super) fn why_not(&self, name: &str, url: &Url) -> String {
        let mut why = String::new();
        let verdicts = self.verdicts(name, url);
        for (cookie, verdict) in &verdicts {
            if let Err(reason) = verdict {
                let _ = write!(why, "\n  {cookie} stays back: {reason}");
            }
        }
        let named = self.jar.iter().filter(|cookie| cookie.name() == name);
        for cookie in named.filter(|cookie| !verdicts.iter().any(|(known, _)| known == cookie)) {
            let _ = write!(why, "\n  {cookie} is of another host");
        }
        why.push_str(&self.refused(name));
        if why.is_empty() {
            why.push_str("\n  no response has set it");
        }
        why + &self.contents()
    }

    /// What the jar holds, for the end of a message.
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
