//! `originAttributes`: the container and partition in which Firefox keeps a cookie.
//!
//! ```text
//! ^userContextId=2&partitionKey=%28https%2Cshop.example%29
//! ```

use url::form_urlencoded;

use crate::file::json::partition;
use crate::file::partitions::Containers;
use crate::file::report::Reason;

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Origin {
    container: Option<u32>,
    partition: Option<Partition>,
}

#[derive(Debug, PartialEq, Eq)]
enum Partition {
    /// From first-party isolation, which keeps every cookie under the domain of the page.
    Domain(String),
    Site {
        site: String,
        under_another: bool,
    },
}

impl Origin {
    /// Reads the attributes. An unknown one would isolate the cookie in a way that no request can name.
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
        containers.include(self.container)
    }

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

#[cfg(all(test, feature = "inside"))]
#[path = "../../../tests/inside/firefox_origin.rs"]
mod tests;
