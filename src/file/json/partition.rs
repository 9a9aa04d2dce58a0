//! The partitions of cookies from other programs, and the keys under which a jar keeps them.

use std::borrow::Cow;

use serde_json::Value;

use super::foreign::{Object, bytes, flag, text};
use crate::cookie::{Cookie, Fields};
use crate::domain;
use crate::file::report::Reason;

/// Follows the site in a key if the flag is not as expected. It cannot be part of a site.
const ANCESTOR: &str = "?hasCrossSiteAncestor=";

/// Puts the cookie into the partition that the object names. The domain must already be set.
pub(super) fn fill_in(fields: &mut Fields<'_>, object: &Object) -> Result<(), Reason> {
    if flag(object, "partitionKeyOpaque")? == Some(true) {
        return Err(Reason::Partitioned);
    }
    let key = match object.get("partitionKey") {
        None | Some(Value::Null) => isolated(object)?.map(str::to_owned),
        Some(Value::String(site)) => {
            // Playwright's own field for it, next to the key.
            let ancestor = flag(object, "_crHasCrossSiteAncestor")?;
            Some(key(site, ancestor, fields.domain.name()?))
        }
        Some(Value::Object(partition)) => Some(key_of_object(partition, fields.domain.name()?)?),
        Some(_) => return Err(Reason::Field),
    };
    if let Some(key) = key.filter(|key| !key.is_empty()) {
        fields.rare().partition = Some(Cow::Owned(key.into_bytes()));
        fields.attributes.push((bytes("Partitioned"), None));
    }
    Ok(())
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Partition<'c> {
    pub(super) site: &'c str,
    pub(super) ancestor: bool,
}

impl Partition<'_> {
    pub(super) fn is_site(&self) -> bool {
        self.site.contains("://")
    }
}

pub(super) fn of(cookie: &Cookie) -> Option<Partition<'_>> {
    let key = cookie.partition_key()?;
    let (site, ancestor) = match key.split_once(ANCESTOR) {
        Some((site, "true")) => (site, Some(true)),
        Some((site, "false")) => (site, Some(false)),
        _ => (key, None),
    };
    let usual = !is_within(domain::undotted(cookie.domain()), site);
    let ancestor = ancestor.unwrap_or(usual);
    Some(Partition { site, ancestor })
}

/// The domain of first-party isolation, in which Firefox has separate partitions for all cookies.
fn isolated(object: &Object) -> Result<Option<&str>, Reason> {
    let domain = text(object, "firstPartyDomain")?;
    domain.map_or_else(
        || text(object, "First Party Domain"),
        |domain| Ok(Some(domain)),
    )
}

fn key_of_object(partition: &Object, domain: &str) -> Result<String, Reason> {
    let site = match text(partition, "topLevelSite")? {
        None => text(partition, "sourceOrigin")?,
        site => site,
    };
    let site = site.filter(|site| !site.is_empty()).ok_or(Reason::Field)?;
    Ok(key(site, flag(partition, "hasCrossSiteAncestor")?, domain))
}

/// The key is the site alone if the ancestor is as expected for the domain: a frame of another site has the page
/// above it, and a frame of the site itself has only the site above it, unless it is in a frame of another site.
pub(in crate::file) fn key(site: &str, ancestor: Option<bool>, domain: &str) -> String {
    let usual = !is_within(domain, site);
    match ancestor {
        Some(ancestor) if ancestor != usual => format!("{site}{ANCESTOR}{ancestor}"),
        _ => site.to_owned(),
    }
}

fn is_within(domain: &str, site: &str) -> bool {
    let host = site.split_once("://").map_or(site, |(_, host)| host);
    let host = host.trim_end_matches('/');
    domain
        .strip_suffix(host)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}
