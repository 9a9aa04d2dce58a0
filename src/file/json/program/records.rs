//! Cookies in the form of each program.

use serde::Serialize;
use url::Url;

use super::Parts;
use crate::cookie::SameSite;
use crate::file::json::partition::{self, Partition};
use crate::file::options::WriteOptions;
use crate::file::report::Unwritable;
use crate::{date, domain};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Driven<'c> {
    name: &'c str,
    value: &'c str,
    domain: &'c str,
    path: &'c str,
    expires: i64,
    http_only: bool,
    secure: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    same_site: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partition_key: Option<PartitionKey<'c>>,
    #[serde(
        rename = "_crHasCrossSiteAncestor",
        skip_serializing_if = "Option::is_none"
    )]
    ancestor: Option<bool>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum PartitionKey<'c> {
    Site(&'c str),
    /// Puppeteer reads `sourceOrigin`, and CDP `topLevelSite`.
    #[serde(rename_all = "camelCase")]
    Both {
        source_origin: &'c str,
        top_level_site: &'c str,
        has_cross_site_ancestor: bool,
    },
}

impl<'c> Driven<'c> {
    fn of(parts: &Parts<'c>) -> Self {
        Self {
            name: parts.name,
            value: parts.value,
            domain: parts.cookie.domain(),
            path: parts.path,
            expires: parts.expires.unwrap_or(-1),
            http_only: parts.cookie.http_only(),
            secure: parts.cookie.secure(),
            same_site: parts.same_site(),
            partition_key: None,
            ancestor: None,
        }
    }

    pub(super) fn of_playwright(parts: &Parts<'c>) -> Result<Self, Unwritable> {
        let partition = parts.site()?;
        Ok(Self {
            partition_key: partition.map(|partition| PartitionKey::Site(partition.site)),
            ancestor: partition.map(|partition| partition.ancestor),
            ..Self::of(parts)
        })
    }

    pub(super) fn of_puppeteer(parts: &Parts<'c>) -> Result<Self, Unwritable> {
        let key = parts.site()?.map(|partition| PartitionKey::Both {
            source_origin: partition.site,
            top_level_site: partition.site,
            has_cross_site_ancestor: partition.ancestor,
        });
        Ok(Self {
            partition_key: key,
            ..Self::of(parts)
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Extension<'c> {
    domain: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_date: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_party_domain: Option<&'c str>,
    host_only: bool,
    http_only: bool,
    name: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    partition_key: Option<ExtensionKey<'c>>,
    path: &'c str,
    same_site: &'static str,
    secure: bool,
    session: bool,
    store_id: &'static str,
    value: &'c str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExtensionKey<'c> {
    top_level_site: &'c str,
    has_cross_site_ancestor: bool,
}

impl<'c> Extension<'c> {
    pub(super) fn of(parts: &Parts<'c>) -> Self {
        let partition = partition::of(parts.cookie);
        let site = partition.filter(Partition::is_site);
        let first_party = partition.filter(|partition| !partition.is_site());
        Self {
            domain: parts.cookie.domain(),
            expiration_date: parts.expires,
            first_party_domain: first_party.map(|partition| partition.site),
            host_only: parts.cookie.host_only(),
            http_only: parts.cookie.http_only(),
            name: parts.name,
            partition_key: site.map(|partition| ExtensionKey {
                top_level_site: partition.site,
                has_cross_site_ancestor: partition.ancestor,
            }),
            path: parts.path,
            same_site: match parts.cookie.same_site() {
                None => "unspecified",
                Some(SameSite::Lax) => "lax",
                Some(SameSite::None) => "no_restriction",
                Some(SameSite::Strict) => "strict",
            },
            secure: parts.cookie.secure(),
            session: parts.expires.is_none(),
            // Chrome's default store.
            store_id: "0",
            value: parts.value,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Selenium<'c> {
    name: &'c str,
    value: &'c str,
    path: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<&'c str>,
    secure: bool,
    http_only: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    same_site: Option<&'static str>,
}

impl<'c> Selenium<'c> {
    pub(super) fn of(parts: &Parts<'c>, options: &WriteOptions) -> Result<Self, Unwritable> {
        let domain = parts.cookie.domain();
        let page = options.url.as_ref().and_then(Url::host_str);
        if partition::of(parts.cookie).is_some() {
            return Err(Unwritable::Partitioned);
        }
        if parts.cookie.host_only() && page != Some(domain) {
            return Err(Unwritable::HostOnly);
        }
        Ok(Self {
            name: parts.name,
            value: parts.value,
            path: parts.path,
            domain: parts.cookie.domain_specified().then_some(domain),
            secure: parts.cookie.secure(),
            http_only: parts.cookie.http_only(),
            expiry: parts.expires,
            same_site: parts.same_site(),
        })
    }
}

#[derive(Serialize)]
pub(super) struct Stored<'c> {
    raw_cookie: String,
    path: (&'c str, bool),
    domain: StoredDomain<'c>,
    expires: StoredExpiry,
}

#[derive(Serialize)]
enum StoredDomain<'c> {
    HostOnly(&'c str),
    Suffix(&'c str),
}

#[derive(Serialize)]
enum StoredExpiry {
    AtUtc(String),
    SessionEnd,
}

impl<'c> Stored<'c> {
    pub(super) fn of(parts: &Parts<'c>) -> Result<Self, Unwritable> {
        let Parts {
            cookie,
            name,
            value,
            path,
            expires,
            ..
        } = *parts;
        if partition::of(cookie).is_some() {
            return Err(Unwritable::Partitioned);
        }
        if name.is_empty() {
            return Err(Unwritable::Nameless);
        }
        // The crate trims both by Unicode.
        if [name, value].iter().any(|text| text.trim() != *text) {
            return Err(Unwritable::Blank);
        }
        let domain = domain::undotted(cookie.domain());
        let mut raw_cookie = format!("{name}={value}");
        let same_site = parts.same_site().map(|value| format!("SameSite={value}"));
        let attributes = [
            cookie.http_only().then(|| "HttpOnly".to_owned()),
            same_site,
            cookie.secure().then(|| "Secure".to_owned()),
            (!path.contains(';')).then(|| format!("Path={path}")),
            cookie
                .domain_specified()
                .then(|| format!("Domain={domain}")),
        ];
        for attribute in attributes.into_iter().flatten() {
            raw_cookie.push_str("; ");
            raw_cookie.push_str(&attribute);
        }
        Ok(Self {
            raw_cookie,
            path: (path, cookie.path_specified()),
            domain: if cookie.host_only() {
                StoredDomain::HostOnly(domain)
            } else {
                StoredDomain::Suffix(domain)
            },
            expires: expires.map_or(StoredExpiry::SessionEnd, |seconds| {
                // RFC 3339 as the crate reads it.
                StoredExpiry::AtUtc(date::write_iso_date(seconds).replacen(' ', "T", 1))
            }),
        })
    }
}
