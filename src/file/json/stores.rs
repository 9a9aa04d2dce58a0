//! The file stores of tough-cookie, which sort cookies by domain, path and key.
//!
//! ```text
//! {"acme.com":{"/":{"sid":{"key":"sid","value":"31d4","domain":"acme.com","path":"/"}}}}
//! ```

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::foreign;
use super::parse::{Captured, Walk};
use crate::file::report::{Reason, Source};

/// Whether a key of a file can be a domain. Other kinds of files have names without dots there.
pub(super) fn is_domain(key: &str) -> bool {
    key.contains(['.', ':']) || key == "localhost"
}

/// The value of a key that can be a domain: paths, or something that is ignored.
pub(super) struct Paths<'w, 'o>(pub(super) &'w mut Walk<'o>);

impl<'de> DeserializeSeed<'de> for Paths<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Paths<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cookies by path")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut paths: A) -> Result<(), A::Error> {
        let Self(walk) = self;
        walk.progress.begin_value();
        while let Some(path) = paths.next_key::<String>()? {
            if path.starts_with('/') {
                walk.progress.begin_value();
                paths.next_value_seed(Cookies(walk))?;
            } else {
                walk.progress.begin_ignored();
                paths.next_value::<IgnoredAny>()?;
            }
            walk.progress.begin_value();
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        self.0.progress.begin_ignored();
        while array.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    scalars!(_self => Ok(()));
}

struct Cookies<'w, 'o>(&'w mut Walk<'o>);

impl<'de> DeserializeSeed<'de> for Cookies<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Cookies<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cookies by key")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut cookies: A) -> Result<(), A::Error> {
        let Self(walk) = self;
        walk.settle(Source::ToughCookie)?;
        while cookies.next_key::<IgnoredAny>()?.is_some() {
            let (line, text) = cookies.next_value_seed(Captured::value(walk.progress))?;
            let cookie = text.ok_or(Reason::TooLong).and_then(|text| {
                let object = serde_json::from_slice(&text).unwrap_or_default();
                foreign::cookie(&object, Source::ToughCookie, walk.options)
            });
            walk.push(line, cookie)?;
            walk.progress.begin_value();
        }
        Ok(())
    }
}
