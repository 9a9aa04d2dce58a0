//! `originAttributes`: the jar within the jar in which Firefox keeps a cookie.
//!
//! ```text
//! ^userContextId=2&partitionKey=%28https%2Cshop.example%29
//! ```

use url::form_urlencoded;

use crate::file::json::partition;
use crate::file::partitions::Containers;
use crate::file::report::Reason;

/// In which container and which partition a cookie is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Origin {
    /// `None` outside all containers.
    container: Option<u32>,
    partition: Option<Partition>,
}

#[derive(Debug, PartialEq, Eq)]
enum Partition {
    /// Of first-party isolation, which keeps every cookie under the domain of the page.
    Domain(String),
    Site {
        site: String,
        /// Whether the frame is of the page's own site, within one of another site.
        under_another: bool,
    },
}

impl Origin {
    /// Reads the attributes. One that is not known would keep the cookie apart in a way that no request can name.
    pub(super) fn parse(text: &[u8]) -> Result<Self, Reason> {
        let mut origin = Self::default();
        let attributes = match text.split_first() {
            None => return Ok(origin),
            Some((b'^', attributes)) => attributes,
            Some(_) => return Err(Reason::Field),
        };
        for (key, value) in form_urlencoded::parse(attributes) {
            match &*key {
                "userContextId" => {
                    let id = value.parse().map_err(|_| Reason::Field)?;
                    origin.container = Some(id).filter(|id| *id != 0);
                }
                "partitionKey" => origin.partition = Partition::parse_site(&value)?,
                "firstPartyDomain" => {
                    origin.partition = Some(Partition::Domain(value.into_owned()));
                }
                _ => return Err(Reason::Partitioned),
            }
        }
        Ok(origin)
    }

    pub(super) fn is_in(&self, containers: Containers) -> bool {
        match containers {
            Containers::None => self.container.is_none(),
            Containers::One(id) => self.container == Some(id).filter(|id| *id != 0),
            Containers::All => true,
        }
    }

    /// The key of the partition for a cookie of this domain.
    pub(super) fn partition_key(&self, domain: &str) -> Option<String> {
        match self.partition.as_ref()? {
            Partition::Domain(domain) => Some(domain.clone()),
            Partition::Site {
                site,
                under_another,
            } => {
                let ancestor = under_another.then_some(true);
                Some(partition::key(site, ancestor, domain))
            }
        }
    }
}

impl Partition {
    /// ```text
    /// (https,shop.example)   (https,shop.example,f)   (http,localhost,8080)
    /// ```
    fn parse_site(key: &str) -> Result<Option<Self>, Reason> {
        if key.is_empty() {
            return Ok(None);
        }
        let inner = key
            .strip_prefix('(')
            .and_then(|key| key.strip_suffix(')'))
            .ok_or(Reason::Partitioned)?;
        let parts: Vec<&str> = inner.splitn(5, ',').collect();
        let (scheme, host, port, under_another) = match parts[..] {
            [scheme, host] => (scheme, host, None, false),
            [scheme, host, "f"] => (scheme, host, None, true),
            [scheme, host, port] => (scheme, host, Some(port), false),
            [scheme, host, port, "f"] => (scheme, host, Some(port), true),
            _ => return Err(Reason::Partitioned),
        };
        if scheme.is_empty() || host.is_empty() {
            return Err(Reason::Partitioned);
        }
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Ok(Some(Self::Site {
            site: format!("{scheme}://{host}{port}"),
            under_another,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The container and the key of the partition, of a cookie of `chat.example`.
    fn shown(text: &str) -> Result<(Option<u32>, Option<String>), Reason> {
        let origin = Origin::parse(text.as_bytes())?;
        let key = origin.partition_key("chat.example");
        Ok((origin.container, key))
    }

    #[test]
    fn attributes_with_their_verdicts() {
        let rows = [
            ("", Ok((None, None))),
            ("^", Ok((None, None))),
            ("^userContextId=2", Ok((Some(2), None))),
            ("^userContextId=0", Ok((None, None))),
            (
                "^partitionKey=%28https%2Cshop.example%29",
                Ok((None, Some("https://shop.example"))),
            ),
            (
                "^partitionKey=%28http%2Clocalhost%2C8080%29",
                Ok((None, Some("http://localhost:8080"))),
            ),
            (
                "^partitionKey=%28https%2Cshop.example%2Cf%29",
                Ok((None, Some("https://shop.example"))),
            ),
            (
                "^partitionKey=%28https%2Cchat.example%2Cf%29", // of its own site, in a frame of another
                Ok((None, Some("https://chat.example?hasCrossSiteAncestor=true"))),
            ),
            (
                "^partitionKey=%28https%2Cchat.example%29",
                Ok((None, Some("https://chat.example"))),
            ),
            (
                "^firstPartyDomain=shop.example",
                Ok((None, Some("shop.example"))),
            ),
            (
                "^userContextId=3&partitionKey=%28https%2Cshop.example%29",
                Ok((Some(3), Some("https://shop.example"))),
            ),
            ("^partitionKey=", Ok((None, None))),
            ("userContextId=2", Err(Reason::Field)),
            ("^userContextId=two", Err(Reason::Field)),
            ("^partitionKey=shop.example", Err(Reason::Partitioned)),
            ("^partitionKey=%28https%29", Err(Reason::Partitioned)),
            ("^partitionKey=%28%2C%29", Err(Reason::Partitioned)),
            (
                "^partitionKey=%28a%2Cb%2Cc%2Cd%2Ce%29",
                Err(Reason::Partitioned),
            ),
            ("^geckoViewUserContextId=x", Err(Reason::Partitioned)),
            ("^inBrowser=1", Err(Reason::Partitioned)),
        ];
        for (text, expected) in rows {
            let expected =
                expected.map(|(id, key): (_, Option<&str>)| (id, key.map(str::to_owned)));
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn containers_by_choice() {
        let outside = Origin::parse(b"").expect("attributes");
        let within = Origin::parse(b"^userContextId=2").expect("attributes");
        let rows = [
            (Containers::None, true, false),
            (Containers::One(2), false, true),
            (Containers::One(3), false, false),
            (Containers::One(0), true, false), // Firefox's number for none
            (Containers::All, true, true),
        ];
        for (containers, first, second) in rows {
            assert_eq!(outside.is_in(containers), first, "{containers:?}");
            assert_eq!(within.is_in(containers), second, "{containers:?}");
        }
    }
}
